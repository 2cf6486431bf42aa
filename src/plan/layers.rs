//! Formats within one another: which columns hold records, and what the columns of those are called.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::format::{Extra, Format, Framing, From, Layout};
use crate::options::{Inner, Options};

use super::columns::EXTRA_COLUMN;
use super::layout::Captures;

/// A format whose records are those of the source, or stand in a column of another.
pub(super) struct Layer {
    pub(super) format: Arc<Format>,
    pub(super) extra: Extra,
    pub(super) captures: Captures,
    pub(super) grammar: Option<crate::tokenize::Grammar>,
    /// The layer and the column, by the name that its format gives it, that its records stand in.
    pub(super) within: Option<(usize, String)>,
    /// The names of its columns where they are others than its format gives them.
    renamed: HashMap<String, String>,
}

impl Layer {
    fn new(format: Arc<Format>, options: &Options, within: Option<(usize, String)>) -> Self {
        // Until the keys are found that columns are made of, none is extra; members of JSON are.
        let is_open = format.wants_keys() && !format.is_json();
        let extra = if is_open { Extra::Reject } else { options.extra.unwrap_or(format.extra) };
        let (captures, renamed) = (Captures::default(), HashMap::new());
        Self { format, extra, captures, grammar: None, within, renamed }
    }

    /// The names that its format gives its columns.
    fn own_names(&self) -> impl Iterator<Item = &str> {
        // Where the source is only the outermost format knows.
        let is_given = |from: &From| self.within.is_none() || !matches!(from, From::Path(..));
        let columns = self.format.columns.iter().filter(move |column| is_given(&column.from));
        let extra = (self.extra == Extra::Column).then_some(EXTRA_COLUMN);
        columns.map(|column| column.name.as_str()).chain(extra)
    }

    /// What a column of its format is called in the schema.
    pub(super) fn name<'a>(&'a self, own: &'a str) -> &'a str {
        self.renamed.get(own).map_or(own, String::as_str)
    }

    /// Whether the text of a column, by its name in the schema, may stand in several records.
    pub(super) fn has_parts(&self, name: &str) -> bool {
        self.within.is_none() && matches!(&self.format.framing, Framing::Parts(_, column) if column == name)
    }

    /// What its format calls a column of the schema.
    fn own_name(&self, name: &str) -> Option<&str> {
        self.own_names().find(|own| self.name(own) == name)
    }
}

/// The formats of a scan, the outermost first, each behind the one that it stands in.
pub(super) struct Layers {
    pub(super) all: Vec<Layer>,
    /// For each layer but the first, the name of the column that it stands in.
    columns: Vec<String>,
}

/// A format whose columns are to be found in the texts of a column.
pub(crate) struct OpenLayer {
    /// The column.
    pub(crate) column: String,
    /// The format.
    pub(crate) format: Arc<Format>,
    /// The columns there are besides its own.
    pub(crate) others: Vec<String>,
    /// The formats that columns have before that is known, and those that are told behind it.
    pub(crate) before: Vec<Inner>,
    pub(crate) behind: Vec<Inner>,
}

/// The first format whose columns are to be found, and are not yet: `is_found` tells of the column that it stands in.
///
/// **Errors**: as [`Layers::new`].
pub(crate) fn open_layer(
    format: &Arc<Format>,
    options: &Options,
    is_found: &dyn Fn(&str) -> bool,
) -> Result<Option<OpenLayer>> {
    let mut layers = Layers { all: vec![Layer::new(format.clone(), options, None)], columns: Vec::new() };
    let is_open = |column: &str, format: &Format| finds_columns(format) && !is_found(column);
    let Some(behind) = layers.fill(options, &is_open)? else { return Ok(None) };
    let mut before: Vec<_> = options.inner.iter().filter(|inner| inner.format.is_none()).cloned().collect();
    let told = layers.columns.iter().zip(&layers.all[1..]);
    before.extend(told.map(|(column, layer)| Inner::new(column.clone(), layer.format.clone())));
    let last = before.pop().and_then(|last| last.column.zip(last.format));
    let others = layers.all.split_last().into_iter().flat_map(|(_, others)| others);
    let others = others.flat_map(|layer| layer.own_names().map(|own| layer.name(own).to_owned())).collect();
    Ok(last.map(|(column, format)| OpenLayer { column, format, others, before, behind }))
}

impl Layers {
    /// The formats that a format and the options name.
    ///
    /// **Errors**: `UnknownColumn` or `Option` for a column that is none, or is named twice.
    pub(super) fn new(format: &Arc<Format>, options: &Options) -> Result<Self> {
        let mut layers = Self { all: vec![Layer::new(format.clone(), options, None)], columns: Vec::new() };
        layers.fill(options, &|_, _| false)?;
        Ok(layers)
    }

    /// Adds all inner formats, up to and with one that is open; then gives what was told behind it.
    fn fill(&mut self, options: &Options, is_open: &dyn Fn(&str, &Format) -> bool) -> Result<Option<Vec<Inner>>> {
        let mut told = Vec::with_capacity(options.inner.len());
        for inner in &options.inner {
            let column = match &inner.column {
                Some(column) => column.clone(),
                None => usual_column(&self.all[0].format)?,
            };
            if told.iter().any(|known: &Inner| known.column.as_ref() == Some(&column)) {
                let message = format!("\"inner\" names a column twice: \"{column}\"");
                return Err(Error::new(ErrorKind::Option, message).with_hint("name it once"));
            }
            told.push(Inner { column: Some(column), format: inner.format.clone() });
        }
        let is_told = |column: &str| told.iter().any(|inner| inner.column.as_deref() == Some(column));
        for next in 0..=told.len() {
            // What a format says of its own columns holds unless something else is told.
            let mut layer = self.all.len() - 1;
            while let Some((column, format)) = self.usual_inner(layer, &is_told)? {
                self.add(&column, format, options)?;
                if is_open(&column, &self.all[layer + 1].format) {
                    return Ok(Some(told.split_off(next)));
                }
                layer += 1;
            }
            let Some(Inner { column: Some(column), format: Some(format) }) = told.get(next) else { continue };
            self.add(column, format.clone(), options)?;
            if is_open(column, format) {
                return Ok(Some(told.split_off(next + 1)));
            }
        }
        let texts = told.iter().filter(|inner| inner.format.is_none());
        texts.filter_map(|inner| inner.column.as_deref()).try_for_each(|column| self.find(column).map(drop))?;
        Ok(None)
    }

    /// The format that a layer's own format knows to be in one of its columns, and that column.
    fn usual_inner(&self, layer: usize, is_told: &dyn Fn(&str) -> bool) -> Result<Option<(String, Arc<Format>)>> {
        let layer = &self.all[layer];
        let Some((column, name)) =
            layer.format.inner.as_ref().and_then(|inner| Some((&inner.column, inner.format.as_ref()?)))
        else {
            return Ok(None);
        };
        let column = layer.name(column);
        if is_told(column) || self.columns.iter().any(|known| known == column) {
            return Ok(None);
        }
        Ok(Some((column.to_owned(), crate::format::named(name)?)))
    }

    /// The layer that has a column, and that format's name of it.
    fn find(&self, column: &str) -> Result<(usize, String)> {
        let found = self.all.iter().enumerate().find_map(|(at, layer)| Some((at, layer.own_name(column)?.to_owned())));
        found.ok_or_else(|| {
            let names: Vec<_> =
                self.all.iter().flat_map(|layer| layer.own_names().map(|own| layer.name(own))).collect();
            Error::new(ErrorKind::UnknownColumn, format!("\"inner\" names \"{column}\", which is no column"))
                .with_hint(format!("columns here are {}", names.join(", ")))
        })
    }

    fn add(&mut self, column: &str, format: Arc<Format>, options: &Options) -> Result<()> {
        if format.reads_header() && format.columns.is_empty() {
            let message = format!("format \"{}\" takes its columns from a header, which no column has", format.name);
            return Err(Error::new(ErrorKind::Option, message).with_hint("name its fields in a format of your own"));
        }
        if format.explodes() {
            let message =
                format!("format \"{}\" makes several rows of a record, which stands in one row here", format.name);
            return Err(
                Error::new(ErrorKind::Option, message).with_hint("read its array as a list, in a format of your own")
            );
        }
        let within = self.find(column)?;
        let mut layer = Layer::new(format, options, Some(within));
        let is_taken = |name: &str| self.all.iter().any(|layer| layer.own_name(name).is_some());
        let mut renamed = HashMap::new();
        for own in layer.own_names() {
            let mut name = own.to_owned();
            while is_taken(&name) || name != own && layer.own_names().any(|other| other == name) {
                name = format!("{column}_{name}");
            }
            if name != own {
                renamed.insert(own.to_owned(), name);
            }
        }
        layer.renamed = renamed;
        self.all.push(layer);
        self.columns.push(column.to_owned());
        Ok(())
    }

    /// The layers whose records stand in columns of a layer.
    pub(super) fn inside(&self, layer: usize) -> impl Iterator<Item = usize> {
        let is_inside = move |at: &usize| self.all[*at].within.as_ref().is_some_and(|(outer, _)| *outer == layer);
        (1..self.all.len()).filter(is_inside)
    }
}

/// Whether a format's columns are found with the log.
fn finds_columns(format: &Format) -> bool {
    format.wants_keys() || matches!(&format.layout, Layout::Json(json) if json.find_columns)
}

/// The column of a format that records of another usually stand in.
fn usual_column(format: &Format) -> Result<String> {
    if let Some(inner) = &format.inner {
        return Ok(inner.column.clone());
    }
    let is_text = |dtype: &str| matches!(dtype, "" | "utf8" | "json");
    let texts = format.columns.iter().filter(|column| !column.on_demand && is_text(&column.dtype.name));
    let texts: Vec<_> = texts.map(|column| column.name.as_str()).collect();
    match texts[..] {
        [only] => Ok(only.to_owned()),
        _ => {
            let message = format!("format \"{}\" does not say which column \"inner\" is for", format.name);
            let hint = format!("name it, for example inner={{\"message\": ...}}; texts are {}", texts.join(", "));
            Err(Error::new(ErrorKind::Option, message).with_hint(hint))
        }
    }
}
