//! The profile of the AWS tools: keys, region and endpoint from `~/.aws`.
//!
//! **Source**: the AWS CLI's manual, "Configuration and credential file settings". Of what a profile may say, only fixed
//! keys are read; the rest needs the AWS tools themselves, and the error says how to ask them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use object_store::aws::AmazonS3ConfigKey;

use super::StorageOptions;
use crate::error::{Error, ErrorKind, Result};

type Section = BTreeMap<String, String>;

/// Each key of S3, and the variables that come before the profile's word for it.
const SETTINGS: [(AmazonS3ConfigKey, &str, &[&str]); 2] = [
    (AmazonS3ConfigKey::Region, "region", &["AWS_REGION", "AWS_DEFAULT_REGION"]),
    (AmazonS3ConfigKey::Endpoint, "endpoint_url", &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"]),
];
/// What the store asks for keys if one of these is set.
const OTHER_KEYS: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];
const SECRETS: [(AmazonS3ConfigKey, &str); 3] = [
    (AmazonS3ConfigKey::AccessKeyId, "aws_access_key_id"),
    (AmazonS3ConfigKey::SecretAccessKey, "aws_secret_access_key"),
    (AmazonS3ConfigKey::Token, "aws_session_token"),
];

/// What the profile adds to the environment and to `options`, which come first.
///
/// **Errors**: `Option` if `AWS_PROFILE` names a profile that there is none of, or one whose keys are not written down.
pub(super) fn settings(
    options: &StorageOptions,
    variable: impl Fn(&str) -> Option<String>,
    file: impl Fn(&PathBuf) -> Option<String>,
) -> Result<Vec<(AmazonS3ConfigKey, String)>> {
    let named = variable("AWS_PROFILE").filter(|name| !name.is_empty());
    let name = named.as_deref().unwrap_or("default");
    let home = variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from).unwrap_or_default();
    let read = |variable_name: &str, usual: &str| {
        let path = variable(variable_name).map_or_else(|| home.join(".aws").join(usual), PathBuf::from);
        file(&path).map(|text| sections(&text)).unwrap_or_default()
    };
    let mut credentials = read("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    let mut config = read("AWS_CONFIG_FILE", "config");
    let key = if name == "default" { name.to_owned() } else { format!("profile {name}") };
    let profile = match (config.remove(&key), credentials.remove(name)) {
        (None, None) if named.is_some() => {
            return Err(Error::new(ErrorKind::Option, format!("AWS_PROFILE: there is no profile \"{name}\""))
                .with_hint("`aws configure list-profiles` lists them"));
        }
        // The file of credentials comes first.
        (config, credentials) => {
            let mut all = config.unwrap_or_default();
            all.extend(credentials.unwrap_or_default());
            all
        }
    };
    let mut out = Vec::new();
    let is_given = |key: &AmazonS3ConfigKey| {
        options.iter().any(|(name, _)| name.parse::<AmazonS3ConfigKey>().is_ok_and(|given| given == *key))
    };
    for (key, word, variables) in SETTINGS {
        let known = is_given(&key) || variables.iter().any(|name| variable(name).is_some());
        if let Some(value) = profile.get(word).filter(|_| !known) {
            out.push((key, value.clone()));
        }
    }
    let has_keys = is_given(&AmazonS3ConfigKey::AccessKeyId)
        || is_given(&AmazonS3ConfigKey::SkipSignature)
        || OTHER_KEYS.iter().any(|name| variable(name).is_some());
    if has_keys {
        return Ok(out);
    }
    let secrets = SECRETS.iter().filter_map(|(key, word)| profile.get(*word).map(|value| (*key, value.clone())));
    out.extend(secrets);
    let needs_tool = ["credential_process", "role_arn", "sso_session", "sso_start_url"];
    if !profile.contains_key("aws_access_key_id")
        && let Some(word) = needs_tool.iter().find(|word| profile.contains_key(**word))
    {
        let message = format!("the AWS profile \"{name}\" has no keys, but {word}, which only the AWS tools follow");
        return Err(Error::new(ErrorKind::Option, message)
            .with_hint("eval \"$(aws configure export-credentials --format env)\" puts its keys in the environment"));
    }
    Ok(out)
}

/// The sections of a file by name.
fn sections(text: &str) -> BTreeMap<String, Section> {
    let mut out: BTreeMap<String, Section> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        // Indented lines belong to a setting that has parts.
        if line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name) {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            out.entry(name.clone()).or_default();
            current = Some(name);
        } else if let (Some(section), Some((name, value))) = (&current, line.split_once('=')) {
            let value = value.trim();
            if !value.is_empty() {
                out.entry(section.clone()).or_default().insert(name.trim().to_ascii_lowercase(), value.to_owned());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "[default]\naws_access_key_id = A\naws_secret_access_key=S\n\n[other]\naws_access_key_id=B\n\
                               aws_secret_access_key=T\naws_session_token=U\n";
    const CONFIG: &str = "# ours\n[default]\nregion = eu-west-1\ns3 =\n  endpoint_url = http://nested\n\
                          [profile other]\nregion=eu-north-1\nendpoint_url = http://127.0.0.1:9\n[profile sso]\nsso_session = x\n";

    fn shown(environment: &[(&str, &str)], options: &[(&str, &str)]) -> Result<Vec<String>> {
        let variable = |name: &str| match name {
            "HOME" => Some("/home/u".to_owned()),
            _ => environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
        };
        let file = |path: &PathBuf| match path.to_str() {
            Some("/home/u/.aws/credentials") => Some(CREDENTIALS.to_owned()),
            Some("/home/u/.aws/config") => Some(CONFIG.to_owned()),
            _ => None,
        };
        let options = StorageOptions::from_iter(options.iter().copied());
        let found = settings(&options, variable, file)?;
        Ok(found.iter().map(|(key, value)| format!("{}={value}", key.as_ref())).collect())
    }

    #[test]
    fn ok_profiles() {
        assert_eq!(
            shown(&[], &[]).unwrap(),
            ["aws_region=eu-west-1", "aws_access_key_id=A", "aws_secret_access_key=S"]
        );
        assert_eq!(
            shown(&[("AWS_PROFILE", "other"), ("AWS_REGION", "x")], &[]).unwrap(),
            [
                "aws_endpoint=http://127.0.0.1:9",
                "aws_access_key_id=B",
                "aws_secret_access_key=T",
                "aws_session_token=U"
            ]
        );
        assert_eq!(shown(&[("AWS_ACCESS_KEY_ID", "C")], &[("region", "r")]).unwrap(), [""; 0]);
        assert_eq!(shown(&[], &[("access_key_id", "C")]).unwrap(), ["aws_region=eu-west-1"]);
        assert_eq!(shown(&[("AWS_CONFIG_FILE", "/no"), ("AWS_SHARED_CREDENTIALS_FILE", "/no")], &[]).unwrap(), [""; 0]);
    }

    #[test]
    fn err_profiles() {
        let err = shown(&[("AWS_PROFILE", "none")], &[]).unwrap_err();
        assert!(err.to_string().contains("no profile \"none\""), "{err}");
        let err = shown(&[("AWS_PROFILE", "sso")], &[]).unwrap_err();
        assert!(err.to_string().contains("sso_session"), "{err}");
        assert!(shown(&[("AWS_PROFILE", "sso"), ("AWS_ACCESS_KEY_ID", "C")], &[]).is_ok());
    }
}
