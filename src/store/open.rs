//! From a URL to a store.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hdfs_native_object_store::HdfsObjectStoreBuilder;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::http::HttpBuilder;
use object_store::{ClientConfigKey, ClientOptions, ObjectStore, RetryConfig};
use tokio::runtime;

use super::{StorageOptions, Store, profile};
use crate::error::{Error, ErrorKind, Result};

/// The schemes of URLs, in lower case.
pub(super) const SCHEMES: [&str; 11] =
    ["s3", "s3a", "s3n", "gs", "az", "azure", "abfs", "abfss", "http", "https", "hdfs"];

/// How long a failing request is tried again, all in all, and how often: a throttled bucket recovers within it, and a step
/// that cannot be helped fails before anybody waits for long.
const RETRY_FOR: Duration = Duration::from_secs(120);
const RETRIES: usize = 10;

/// A request may take as long as bytes keep coming: a large object is read no faster than it is parsed.
const PATIENCE: [(ClientConfigKey, &str); 2] =
    [(ClientConfigKey::Timeout, "1day"), (ClientConfigKey::ReadTimeout, "60s")];

pub(super) fn open(url: &str, options: &StorageOptions) -> Result<(Store, String)> {
    let (scheme, rest) = url.split_once("://").ok_or_else(|| malformed(url))?;
    let scheme = scheme.to_ascii_lowercase();
    let (host, key) = rest.split_once('/').unwrap_or((rest, ""));
    if host.is_empty() && scheme != "hdfs" {
        return Err(malformed(url).with_hint("the name of the bucket or of the server stands behind the ://"));
    }
    let base = format!("{scheme}://{host}");
    // One installation a process; a second one is refused, and of no use.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("logarrow-store")
        .enable_all()
        .build()
        .map_err(|cause| Error::io(url, cause))?;
    let inner = {
        let _entered = runtime.enter();
        store(&scheme, host, &base, options)?
    };
    Ok((Store { inner, runtime: Arc::new(runtime), base: base.into() }, key.to_owned()))
}

fn store(scheme: &str, host: &str, base: &str, options: &StorageOptions) -> Result<Arc<dyn ObjectStore>> {
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_FOR, ..RetryConfig::default() };
    Ok(match scheme {
        "s3" | "s3a" | "s3n" => {
            let mut builder = AmazonS3Builder::from_env().with_bucket_name(host).with_retry(retry);
            let file = |path: &PathBuf| std::fs::read_to_string(path).ok();
            for (key, value) in profile::settings(options, |name| std::env::var(name).ok(), file)? {
                builder = builder.with_config(key, value);
            }
            for (name, value) in PATIENCE {
                builder = builder.with_config(AmazonS3ConfigKey::Client(name), value);
            }
            for (key, value) in known::<AmazonS3ConfigKey>(options, base)? {
                if key == AmazonS3ConfigKey::Endpoint {
                    // The variable for S3 alone would come first.
                    builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, value);
                }
                builder = builder.with_config(key, value);
            }
            // Whoever writes http:// has chosen it.
            let endpoints = [AmazonS3ConfigKey::Endpoint, AmazonS3ConfigKey::S3Endpoint];
            if endpoints.iter().filter_map(|key| builder.get_config_value(key)).any(|url| url.starts_with("http://")) {
                builder = builder.with_allow_http(true);
            }
            Arc::new(builder.build().map_err(|cause| failed(base, cause))?)
        }
        "gs" => {
            let mut builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(host).with_retry(retry);
            for (name, value) in PATIENCE {
                builder = builder.with_config(GoogleConfigKey::Client(name), value);
            }
            for (key, value) in known::<GoogleConfigKey>(options, base)? {
                builder = builder.with_config(key, value);
            }
            Arc::new(builder.build().map_err(|cause| failed(base, cause))?)
        }
        "az" | "azure" | "abfs" | "abfss" => {
            let mut builder = MicrosoftAzureBuilder::from_env().with_url(base).with_retry(retry);
            for (name, value) in PATIENCE {
                builder = builder.with_config(AzureConfigKey::Client(name), value);
            }
            for (key, value) in known::<AzureConfigKey>(options, base)? {
                builder = builder.with_config(key, value);
            }
            Arc::new(builder.build().map_err(|cause| failed(base, cause))?)
        }
        "hdfs" => {
            let builder = HdfsObjectStoreBuilder::new().with_url(base).with_config(options.iter());
            Arc::new(builder.build().map_err(|cause| failed(base, cause))?)
        }
        _ => {
            let mut client = ClientOptions::new().with_allow_http(true);
            for (name, value) in PATIENCE {
                client = client.with_config(name, value);
            }
            for (key, value) in known::<ClientConfigKey>(options, base)? {
                client = client.with_config(key, value);
            }
            let builder = HttpBuilder::new().with_url(base).with_client_options(client).with_retry(retry);
            Arc::new(builder.build().map_err(|cause| failed(base, cause))?)
        }
    })
}

/// The options as a store knows them.
fn known<'o, K: FromStr>(options: &'o StorageOptions, base: &str) -> Result<Vec<(K, &'o str)>> {
    let key = |(name, value): (&str, &'o str)| match K::from_str(name) {
        Ok(key) => Ok((key, value)),
        Err(_) => {
            let message = format!("storage_options: {base} knows no option \"{name}\"");
            Err(Error::new(ErrorKind::Option, message)
                .with_hint("names are such as endpoint, region, allow_http, aws_access_key_id"))
        }
    };
    options.iter().map(key).collect()
}

fn malformed(url: &str) -> Error {
    Error::new(ErrorKind::Option, format!("\"{url}\" is no URL of a store"))
}

/// The error of an operation on the object at `url`.
#[cold]
pub(super) fn failed(url: &str, cause: object_store::Error) -> Error {
    use std::io::ErrorKind as Io;

    use object_store::Error as Cause;
    // Only the text of an answer to a listing says so.
    if cause.to_string().contains("<Code>NoSuchBucket</Code>") {
        let cause = std::io::Error::new(Io::NotFound, "no such bucket");
        return Error::io(url, cause).with_hint("check the bucket, the endpoint and the region");
    }
    let (kind, hint) = match &cause {
        Cause::NotFound { .. } => (Io::NotFound, "check the bucket and the key"),
        Cause::AlreadyExists { .. } => (Io::AlreadyExists, "another job has written it"),
        Cause::Precondition { .. } => (Io::AlreadyExists, "it was changed by another job"),
        Cause::PermissionDenied { .. } | Cause::Unauthenticated { .. } => {
            (Io::PermissionDenied, "check the credentials (storage_options, the environment) and what they allow")
        }
        Cause::NotImplemented { .. } | Cause::NotSupported { .. } => (Io::Unsupported, "this store cannot do that"),
        _ => (Io::Other, "the network, the endpoint or the options may be wrong"),
    };
    Error::io(url, std::io::Error::new(kind, cause)).with_hint(hint)
}
