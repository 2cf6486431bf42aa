//! Format strings of VPC flow logs, and the fields they may have.
//!
//! **Source**: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>, versions 2 to 11.

use super::names::snake;
use super::{Column, Delimited, Extra, Format, Framing, From, Header, Layout, web};
use crate::error::{Error, Result};

const LANGUAGE: &str = "flow log format";
const SOURCE: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html";

/// The header of the default format, version 2.
const DEFAULT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end \
                       action log-status";

/// Fields: name as AWS has it, type, unit, doc.
const FIELDS: &[(&str, &str, &str, &str)] = &[
    ("version", "int32", "", "version of the record"),
    ("account-id", "", "", "AWS account of the network interface"),
    ("interface-id", "", "", "id of the network interface"),
    ("srcaddr", "", "", "source address"),
    ("dstaddr", "", "", "destination address"),
    ("srcport", "int32", "", "source port"),
    ("dstport", "int32", "", "destination port"),
    ("protocol", "int32", "", "IANA number of the protocol"),
    ("packets", "int64", "", "packets of the flow"),
    ("bytes", "int64", "B", "bytes of the flow"),
    ("start", "timestamp:epoch", "", "when its first packet was received, in the aggregation interval"),
    ("end", "timestamp:epoch", "", "when its last packet was received, in the aggregation interval"),
    ("action", "", "", "ACCEPT or REJECT"),
    ("log-status", "", "", "OK, NODATA or SKIPDATA"),
    // Version 3.
    ("vpc-id", "", "", "id of the VPC"),
    ("subnet-id", "", "", "id of the subnet"),
    ("instance-id", "", "", "id of the instance"),
    ("tcp-flags", "int32", "", "TCP flags seen, as a sum of bits"),
    ("type", "", "", "IPv4, IPv6 or EFA"),
    ("pkt-srcaddr", "", "", "source address of the packet itself"),
    ("pkt-dstaddr", "", "", "destination address of the packet itself"),
    // Version 4.
    ("region", "", "", "region of the network interface"),
    ("az-id", "", "", "id of the availability zone"),
    ("sublocation-type", "", "", "wavelength, outpost or localzone"),
    ("sublocation-id", "", "", "id of the sublocation"),
    // Version 5.
    ("pkt-src-aws-service", "", "", "AWS service of the packet's source address"),
    ("pkt-dst-aws-service", "", "", "AWS service of the packet's destination address"),
    ("flow-direction", "", "", "ingress or egress"),
    ("traffic-path", "int32", "", "number of the path that egress traffic took"),
    // Version 7.
    ("ecs-cluster-arn", "", "", "ARN of the ECS cluster"),
    ("ecs-cluster-name", "", "", "name of the ECS cluster"),
    ("ecs-container-instance-arn", "", "", "ARN of the ECS container instance"),
    ("ecs-container-instance-id", "", "", "id of the ECS container instance"),
    ("ecs-container-id", "", "", "id of the task's first container"),
    ("ecs-second-container-id", "", "", "id of the task's second container"),
    ("ecs-service-name", "", "", "name of the ECS service"),
    ("ecs-task-definition-arn", "", "", "ARN of the ECS task definition"),
    ("ecs-task-arn", "", "", "ARN of the ECS task"),
    ("ecs-task-id", "", "", "id of the ECS task"),
    // Version 8.
    ("reject-reason", "", "", "why traffic was rejected: BPA or EC"),
    // Version 9.
    ("resource-id", "", "", "id of the resource that holds the network interface"),
    // Version 10.
    ("encryption-status", "int32", "", "how the flow was encrypted, 0 to 3"),
    // Version 11.
    ("instance-tag", "", "", "tag of the instance, percent-encoded"),
    ("instance-tag-2", "", "", "second tag of the instance, percent-encoded"),
    ("interface-tag", "", "", "tag of the network interface, percent-encoded"),
    ("interface-tag-2", "", "", "second tag of the network interface, percent-encoded"),
    ("asg-tag", "", "", "tag of the Auto Scaling group, percent-encoded"),
    ("asg-tag-2", "", "", "second tag of the Auto Scaling group, percent-encoded"),
    ("interface-type", "", "", "type of the network interface"),
    ("next-hop-interface-id", "", "", "id of the next hop's network interface"),
    ("next-hop-subnet-id", "", "", "id of the next hop's subnet"),
    ("next-hop-az-id", "", "", "id of the next hop's availability zone"),
    ("next-hop-vpc-id", "", "", "id of the next hop's VPC"),
    ("next-hop-interface-type", "", "", "type of the next hop's network interface"),
];

/// The columns that fields of VPC flow logs have, by name.
pub(crate) fn fields() -> impl Iterator<Item = String> {
    FIELDS.iter().map(|(name, ..)| snake(name))
}

/// The column of a field, by its name in snake case.
pub(crate) fn column(name: &str) -> Option<Column> {
    let (_, dtype, unit, doc) = FIELDS.iter().find(|(field, ..)| snake(field) == name)?;
    Some(Column { from: From::Capture(name.to_owned()), ..web::column(name, dtype, unit, *doc, &["-"]) })
}

impl Format {
    /// Reads the format string of a VPC flow log, `${version} ${account-id} ...`; the header line of such a log does too,
    /// and `default` is the one that AWS has by itself.
    ///
    /// Columns are the fields in snake case, typed as AWS documents them (`start` and `end` as timestamps); fields that
    /// AWS has added since are text. `-` is null. Fields behind the last one are `_extra`, a record with fewer is
    /// malformed. Where a file begins with a header line, its fields are those that this names, in that order.
    ///
    /// **Errors**: [`crate::ErrorKind::FormatSyntax`], with the column in the string.
    ///
    /// ```
    /// let format = logarrow::Format::vpc_flow("${version} ${vpc-id} ${bytes}")?;
    /// let names: Vec<_> = format.columns.iter().map(|column| column.name.as_str()).collect();
    /// assert_eq!(names, ["version", "vpc_id", "bytes"]);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn vpc_flow(format: &str) -> Result<Self> {
        let names = names(if format.trim() == "default" { DEFAULT } else { format })?;
        let text = |name: &str| Column {
            from: From::Capture(name.to_owned()),
            ..web::column(name, "", "", "field that AWS has added since", &["-"])
        };
        let null = vec!["-".to_owned()];
        Ok(Self {
            skip_lines: 0,
            inner: None,
            notes: Vec::new(),
            name: "aws.vpc_flow_custom".to_owned(),
            aliases: Vec::new(),
            title: format!("Amazon VPC, flow log {}", format.split_whitespace().collect::<Vec<_>>().join(" ")),
            source: SOURCE.to_owned(),
            columns: names.iter().map(|name| column(name).unwrap_or_else(|| text(name))).collect(),
            layout: Layout::Delimited(Delimited {
                delimiter: " ".to_owned(),
                header: Header::Vpc,
                fields: names,
                exact: true,
                null,
                ..Delimited::default()
            }),
            framing: Framing::Lines,
            extra: Extra::Column,
            comments: Vec::new(),
            timezone: None,
            samples: Vec::new(),
            rejects: Vec::new(),
        })
    }
}

/// The fields of a format string, in snake case.
fn names(text: &str) -> Result<Vec<String>> {
    let error = |at: usize, message: String, hint: &str| -> Error { web::at(LANGUAGE, text, at, message, hint) };
    let is_string = text.contains("${");
    let mut names: Vec<String> = Vec::new();
    let mut at = 0;
    for word in text.split(char::is_whitespace) {
        let start = at;
        at += word.len() + text[at + word.len()..].chars().next().map_or(0, char::len_utf8);
        if word.is_empty() {
            continue;
        }
        let name = if is_string { word.strip_prefix("${").and_then(|word| word.strip_suffix('}')) } else { Some(word) };
        let is_name = |name: &&str| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        let Some(name) = name.filter(is_name) else {
            let hint = "write fields with a space between them: ${version} ${account-id} ${interface-id}";
            return Err(error(start, format!("\"{word}\" is no field"), hint));
        };
        let name = snake(name);
        if names.contains(&name) {
            return Err(error(start, format!("field \"{word}\" is there twice"), "leave one of them out"));
        }
        names.push(name);
    }
    if names.is_empty() {
        return Err(error(0, "no field in the format".into(), "write ${version} ${account-id} and so on"));
    }
    Ok(names)
}
