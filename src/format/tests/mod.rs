//! Tests of the format model, one file per way of describing a format.

mod apache;
mod matcher;
mod nginx;
mod toml_file;
