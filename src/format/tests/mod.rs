//! Tests of the format model, one file per way of describing a format.

mod apache;
mod dissect;
mod grok;
mod matcher;
mod nginx;
mod regex;
mod toml_file;
