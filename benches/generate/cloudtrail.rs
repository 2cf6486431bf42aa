//! Events of CloudTrail: one object on one line, whose `Records` are the events.
//!
//! Members and their order are those of the files that the service delivers; see "CloudTrail record contents" and
//! "userIdentity element" in its user guide. `status` counts nothing; `noted` counts errors, kinds of identity and reads.

use super::Generator;
use super::aws::{push_hex_digits, push_iso};
use super::fragments::{NOUNS, jittered, push_clock, push_hex, push_number, put};

pub(super) const HEADER: &str = r#"{"Records":["#;
pub(super) const FOOTER: &str = "]}";

const ACCOUNT: &[u8] = b"111122223333";
const REGIONS: [&str; 4] = ["eu-west-1", "us-east-1", "us-west-2", "ap-northeast-1"];
const PEOPLE: [&str; 6] = ["ana", "bruno", "chidi", "emi", "fatima", "hiro"];
const ROLES: [&str; 5] = ["web-prod", "api-prod", "deploy", "AuditReader", "etl-nightly"];
const AGENTS: [&str; 5] = [
    "aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/linux#6.1.132 md/arch#x86_64 lang/python#3.13.4 md/command#s3.cp",
    "Boto3/1.38.36 md/Botocore#1.38.36 ua/2.1 os/linux#6.1.134 md/arch#aarch64 lang/python#3.12.10",
    "aws-sdk-go-v2/1.36.4 ua/2.1 os/linux lang/go#1.24.4 md/GOOS#linux md/GOARCH#amd64 api/sts#1.33.21",
    "APN/1.0 HashiCorp/1.0 Terraform/1.12.2 (+https://www.terraform.io) terraform-provider-aws/5.100.0",
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.783 Linux/5.10.237 OpenJDK_64-Bit_Server_VM/25.452-b09]",
];

/// A call that is recorded.
struct Call {
    source: &'static str,
    name: &'static str,
    is_read: bool,
    kind: Kind,
}

/// What its parameters and its answer look like.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Describe,
    Object,
    Assume,
    Decrypt,
    Run,
    Login,
}

const fn call(source: &'static str, name: &'static str, is_read: bool, kind: Kind) -> Call {
    Call { source, name, is_read, kind }
}

const CALLS: [Call; 16] = [
    call("s3.amazonaws.com", "GetObject", true, Kind::Object),
    call("s3.amazonaws.com", "GetObject", true, Kind::Object),
    call("s3.amazonaws.com", "PutObject", false, Kind::Object),
    call("s3.amazonaws.com", "ListObjects", true, Kind::Object),
    call("ec2.amazonaws.com", "DescribeInstances", true, Kind::Describe),
    call("ec2.amazonaws.com", "DescribeInstances", true, Kind::Describe),
    call("ec2.amazonaws.com", "DescribeVolumes", true, Kind::Describe),
    call("elasticloadbalancing.amazonaws.com", "DescribeTargetHealth", true, Kind::Describe),
    call("sts.amazonaws.com", "AssumeRole", true, Kind::Assume),
    call("sts.amazonaws.com", "AssumeRole", true, Kind::Assume),
    call("sts.amazonaws.com", "AssumeRole", true, Kind::Assume),
    call("kms.amazonaws.com", "Decrypt", true, Kind::Decrypt),
    call("kms.amazonaws.com", "Decrypt", true, Kind::Decrypt),
    call("kms.amazonaws.com", "GenerateDataKey", true, Kind::Decrypt),
    call("ec2.amazonaws.com", "RunInstances", false, Kind::Run),
    call("signin.amazonaws.com", "ConsoleLogin", false, Kind::Login),
];

impl Generator {
    /// An event, with the comma before it.
    pub(super) fn cloudtrail(&mut self, out: &mut Vec<u8>) {
        if self.counts.rows > 0 {
            out.push(b',');
        } else {
            self.counts.lines = 1;
        }
        let call = self.rng.pick(&CALLS);
        let ticks = jittered(self.clock, &mut self.rng);
        let region = self.rng.pick(&REGIONS).as_bytes();
        let by_service = call.kind == Kind::Assume && self.rng.one_in(2);
        put(out, &[br#"{"eventVersion":"1.11","userIdentity":"#]);
        if by_service {
            put(out, &[br#"{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"#]);
            self.counts.note("AWSService");
        } else {
            self.identity(ticks, out);
        }
        put(out, &[br#","eventTime":""#]);
        push_seconds(ticks, out);
        put(out, &[br#"","eventSource":""#, call.source.as_bytes(), br#"","eventName":""#, call.name.as_bytes()]);
        put(out, &[br#"","awsRegion":""#, region, br#"","sourceIPAddress":""#]);
        if by_service {
            put(out, &[br#"ec2.amazonaws.com","userAgent":"ec2.amazonaws.com""#]);
        } else {
            let client = self.client_ranks.draw(&mut self.rng);
            put(out, &[&self.clients[client].address, br#"","userAgent":""#, self.rng.pick(&AGENTS).as_bytes(), b"\""]);
        }
        let failed = self.rng.one_in(25);
        if failed {
            put(out, &[br#","errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::"#, ACCOUNT]);
            put(out, &[b":assumed-role/web-prod/i-0c1 is not authorized to perform: ", call.name.as_bytes()]);
            put(out, &[br#" on resource: \"arn:aws:s3:::shop-"#, self.rng.pick(&NOUNS).as_bytes(), br#"/*\"""#]);
            self.counts.note("errors");
        }
        put(out, &[br#","requestParameters":"#]);
        self.parameters(call.kind, region, out);
        put(out, &[br#","responseElements":"#]);
        self.response(if failed { Kind::Describe } else { call.kind }, ticks, out);
        if matches!(call.kind, Kind::Object | Kind::Login) {
            self.additional(call.kind, out);
        }
        put(out, &[br#","requestID":""#]);
        self.uuid(out);
        put(out, &[br#"","eventID":""#]);
        self.uuid(out);
        put(out, &[br#"","readOnly":"#, if call.is_read { b"true" } else { b"false" }]);
        self.counts.noted.entry("reads").and_modify(|n| *n += u64::from(call.is_read)).or_insert(call.is_read.into());
        if matches!(call.kind, Kind::Object | Kind::Decrypt) {
            self.resources(call.kind, region, out);
        }
        let (event, is_data) =
            if call.kind == Kind::Login { ("AwsConsoleSignIn", false) } else { ("AwsApiCall", true) };
        let is_data = is_data && call.kind == Kind::Object;
        put(out, &[br#","eventType":""#, event.as_bytes(), br#"","managementEvent":"#]);
        put(out, &[if is_data { b"false" } else { b"true" }, br#","recipientAccountId":""#, ACCOUNT]);
        if call.kind == Kind::Assume {
            put(out, &[br#"","sharedEventID":""#]);
            self.uuid(out);
        } else if is_data && self.rng.one_in(2) {
            put(out, &[br#"","vpcEndpointId":"vpce-0a1b2c3d","vpcEndpointAccountId":""#, ACCOUNT]);
        }
        put(out, &[br#"","eventCategory":""#, if is_data { b"Data\"" } else { b"Management\"" }]);
        if !by_service {
            put(out, &[br#","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","#]);
            put(out, &[br#""clientProvidedHostHeader":""#, call.source.as_bytes(), br#""}"#]);
        }
        if call.kind == Kind::Login {
            put(out, &[br#","sessionCredentialFromConsole":"true""#]);
        }
        out.push(b'}');
    }

    /// Who called: a role in most cases, else a user or the owner of the account.
    fn identity(&mut self, ticks: u64, out: &mut Vec<u8>) {
        let kind = self.rng.below(16);
        match kind {
            0 => {
                put(out, &[br#"{"type":"Root","principalId":""#, ACCOUNT, br#"","arn":"arn:aws:iam::"#, ACCOUNT]);
                put(out, &[br#":root","accountId":""#, ACCOUNT, br#"","accessKeyId":""}"#]);
                self.counts.note("Root");
            }
            1..=3 => {
                let name = self.rng.pick(&PEOPLE).as_bytes();
                put(out, &[br#"{"type":"IAMUser","principalId":"AIDA"#]);
                self.key_id(out);
                put(out, &[br#"","arn":"arn:aws:iam::"#, ACCOUNT, b":user/", name, br#"","accountId":""#, ACCOUNT]);
                put(out, &[br#"","accessKeyId":"AKIA"#]);
                self.key_id(out);
                put(out, &[br#"","userName":""#, name, br#""}"#]);
                self.counts.note("IAMUser");
            }
            _ => {
                let role = self.rng.pick(&ROLES).as_bytes();
                let start = out.len();
                put(out, &[br#"{"type":"AssumedRole","principalId":"AROA"#]);
                self.key_id(out);
                let id = out[start + br#"{"type":"AssumedRole","principalId":""#.len()..].to_vec();
                let mut session = b"i-0".to_vec();
                push_hex(self.rng.next(), &mut session);
                put(out, &[b":", &session, br#"","arn":"arn:aws:sts::"#, ACCOUNT, b":assumed-role/", role, b"/"]);
                put(out, &[&session, br#"","accountId":""#, ACCOUNT, br#"","accessKeyId":"ASIA"#]);
                self.key_id(out);
                put(out, &[br#"","sessionContext":{"sessionIssuer":{"type":"Role","principalId":""#, &id]);
                put(out, &[br#"","arn":"arn:aws:iam::"#, ACCOUNT, b":role/", role, br#"","accountId":""#, ACCOUNT]);
                put(out, &[br#"","userName":""#, role, br#""},"attributes":{"creationDate":""#]);
                push_seconds(ticks & !0x0FFF_FFFF, out);
                put(out, &[br#"","mfaAuthenticated":"false"}"#]);
                put(out, &[if kind < 12 { br#","ec2RoleDelivery":"2.0"}}"# } else { b"}}" }]);
                self.counts.note("AssumedRole");
            }
        }
    }

    fn parameters(&mut self, kind: Kind, region: &[u8], out: &mut Vec<u8>) {
        let noun = self.rng.pick(&NOUNS).as_bytes();
        match kind {
            Kind::Describe if self.rng.one_in(3) => put(out, &[b"null"]),
            Kind::Describe => {
                put(out, &[br#"{"maxResults":1000,"filterSet":{"items":[{"name":"tag:service","valueSet":{"items":"#]);
                put(out, &[br#"[{"value":""#, noun, br#""}]}}]}}"#]);
            }
            Kind::Object => {
                let path = self.path_ranks.draw(&mut self.rng);
                put(out, &[br#"{"bucketName":"shop-"#, noun, br#"","Host":"shop-"#, noun, b".s3.", region]);
                put(out, &[br#".amazonaws.com","key":""#, &self.paths[path][1..], br#"","x-id":"GetObject"}"#]);
            }
            Kind::Assume => {
                put(out, &[br#"{"roleArn":"arn:aws:iam::"#, ACCOUNT, b":role/", self.rng.pick(&ROLES).as_bytes()]);
                put(out, &[br#"","roleSessionName":"i-0"#]);
                push_hex(self.rng.next(), out);
                put(out, &[br#"","durationSeconds":3600}"#]);
            }
            Kind::Decrypt => {
                put(out, &[br#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::shop-"#, noun]);
                put(out, &[br#""},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#]);
            }
            Kind::Run => {
                put(out, &[br#"{"instancesSet":{"items":[{"imageId":"ami-0"#]);
                push_hex(self.rng.next(), out);
                put(
                    out,
                    &[br#"","minCount":1,"maxCount":2}]},"instanceType":"m7g.large","monitoring":{"enabled":true},"#],
                );
                put(out, &[br#""userData":"<sensitiveDataRemoved>","ebsOptimized":false}"#]);
            }
            Kind::Login => put(out, &[b"null"]),
        }
    }

    fn response(&mut self, kind: Kind, ticks: u64, out: &mut Vec<u8>) {
        match kind {
            Kind::Describe | Kind::Object | Kind::Decrypt => put(out, &[b"null"]),
            Kind::Assume => {
                put(out, &[br#"{"credentials":{"accessKeyId":"ASIA"#]);
                self.key_id(out);
                put(out, &[br#"","sessionToken":""#]);
                (0..20).for_each(|_| push_hex(self.rng.next(), out));
                put(out, &[br#"","expiration":""#]);
                push_seconds(ticks, out);
                put(out, &[br#""}}"#]);
            }
            Kind::Run => {
                put(out, &[br#"{"reservationId":"r-0"#]);
                push_hex(self.rng.next(), out);
                put(out, &[br#"","ownerId":""#, ACCOUNT, br#"","instancesSet":{"items":["#]);
                for number in 0..1 + self.rng.below(2) {
                    put(out, &[if number > 0 { b",{" } else { b"{" }, br#""instanceId":"i-0"#]);
                    push_hex(self.rng.next(), out);
                    put(out, &[br#"","instanceState":{"code":0,"name":"pending"},"privateIpAddress":"10.0.3."#]);
                    push_number(self.rng.below(250) as u64, out);
                    put(out, &[br#"","tagSet":{"items":[{"key":"service","value":""#]);
                    put(out, &[self.rng.pick(&NOUNS).as_bytes(), br#""}]}}"#]);
                }
                put(out, &[b"]}}"]);
            }
            Kind::Login => put(out, &[br#"{"ConsoleLogin":"Success"}"#]),
        }
    }

    fn additional(&mut self, kind: Kind, out: &mut Vec<u8>) {
        if kind == Kind::Login {
            put(out, &[br#","additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home","#]);
            return put(out, &[br#""MobileVersion":"No","MFAUsed":"Yes"}"#]);
        }
        put(out, &[br#","additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","#]);
        put(out, &[br#""bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":""#]);
        (0..4).for_each(|_| push_hex(self.rng.next(), out));
        put(out, &[br#"=","bytesTransferredOut":"#]);
        let sent = super::fragments::size(&mut self.rng);
        push_number(sent, out);
        self.counts.sum_bytes += sent;
        put(out, &[b"}"]);
    }

    fn resources(&mut self, kind: Kind, region: &[u8], out: &mut Vec<u8>) {
        let noun = self.rng.pick(&NOUNS).as_bytes();
        if kind == Kind::Decrypt {
            put(
                out,
                &[br#","resources":[{"accountId":""#, ACCOUNT, br#"","type":"AWS::KMS::Key","ARN":"arn:aws:kms:"#],
            );
            put(out, &[region, b":", ACCOUNT, b":key/"]);
            self.uuid(out);
            return put(out, &[br#""}]"#]);
        }
        put(out, &[br#","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::shop-"#, noun, b"/"]);
        let path = self.path_ranks.draw(&mut self.rng);
        put(out, &[&self.paths[path][1..], br#""},{"accountId":""#, ACCOUNT, br#"","type":"AWS::S3::Bucket","#]);
        put(out, &[br#""ARN":"arn:aws:s3:::shop-"#, noun, br#""}]"#]);
    }

    fn uuid(&mut self, out: &mut Vec<u8>) {
        let (high, low) = (self.rng.next(), self.rng.next());
        for (value, digits) in [(high >> 32, 8), (high >> 16, 4), (high & 0xFFF | 0x4000, 4), (low >> 48, 4)] {
            push_hex_digits(value, digits, out);
            out.push(b'-');
        }
        push_hex_digits(low, 12, out);
    }

    /// Sixteen letters and digits.
    fn key_id(&mut self, out: &mut Vec<u8>) {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits = self.rng.next();
        out.extend((0..12).map(|i| LETTERS[(bits >> (5 * i)) as usize & 31]));
        out.extend_from_slice(b"2KQ7");
    }
}

/// `2026-03-05T10:00:01Z`.
fn push_seconds(ticks: u64, out: &mut Vec<u8>) {
    let start = out.len();
    push_iso(ticks, 1, out);
    out.truncate(start + b"2026-03-05T".len());
    push_clock(ticks >> 16, out);
    out.push(b'Z');
}
