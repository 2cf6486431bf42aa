//! Tests of the format model, one file per way of describing a format.

mod apache;
mod dissect;
mod grok;
mod log4j;
mod matcher;
mod nginx;
mod python_logging;
mod regex;
mod toml_file;
