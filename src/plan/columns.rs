//! The columns there are, and the tasks that decode those that are wanted.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::derive::Derivations;
use super::layers::{Layer, Layers};
use super::layout;
use super::path;
use crate::batch::{InnerRecipe, Input, Provenance, Task};
use crate::decode::{Kind, KindOptions, NullTexts, RequestPart, Spec, Strings};
use crate::error::{Error, ErrorKind, Result};
use crate::format::{self, Column, Extra, Format, From};
use crate::options::{Include, Options};
use crate::simd;
use crate::tokenize::Grammar;

/// The name of the column that holds text behind the last known field.
pub(super) const EXTRA_COLUMN: &str = "_extra";

/// A column that can be asked for.
struct Available<'a> {
    name: &'a str,
    on_demand: bool,
    /// The layer that has it.
    layer: usize,
    source: Source<'a>,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Column(&'a Column),
    Extra,
    Include(Include),
}

/// What decodes some columns.
pub(super) struct Columns {
    pub(super) tasks: Vec<Task>,
    pub(super) inner: Vec<InnerRecipe>,
    /// The columns. They are in another order than they were asked for in: the parts of a request line stand together,
    /// and columns of inner records behind those of outer ones.
    pub(super) schema: SchemaRef,
}

/// Finds columns and makes tasks of them.
pub(super) struct Builder<'a> {
    options: &'a Options,
    layers: Layers,
}

/// A column that is wanted, and what it is.
type Wanted<'n, 'b> = (&'n str, &'b Available<'b>);

impl<'a> Builder<'a> {
    /// For a format and what stands in its columns.
    ///
    /// **Errors**: as [`Layers::new`].
    pub(super) fn new(format: &Arc<Format>, options: &'a Options) -> Result<Self> {
        Ok(Self { options, layers: Layers::new(format, options)? })
    }

    /// Compiles the layouts of all formats, for columns of the names that are needed; gives that of the outermost.
    pub(super) fn compile(&mut self, is_needed: &dyn Fn(&str) -> bool) -> Result<Grammar> {
        for at in 0..self.layers.all.len() {
            let sources: Vec<String> = self.layers.inside(at).filter_map(|inner| self.source_name(inner)).collect();
            let layer = &mut self.layers.all[at];
            let needed = |own: &str| is_needed(layer.name(own)) || sources.iter().any(|source| source == own);
            let (grammar, captures) =
                layout::grammar(&layer.format, layer.extra, self.options.max_record_bytes, &needed)?;
            (layer.grammar, layer.captures) = (Some(grammar), captures);
        }
        for at in 1..self.layers.all.len() {
            self.source(at)?;
        }
        let outermost = self.layers.all.first().and_then(|layer| layer.grammar.clone());
        outermost.ok_or_else(|| Error::new(ErrorKind::FormatSyntax, "there is no format"))
    }

    /// The column that the records of a layer stand in, by the name that its format gives it.
    fn source_name(&self, layer: usize) -> Option<String> {
        self.layers.all[layer].within.as_ref().map(|(_, own)| own.clone())
    }

    /// All columns there are.
    fn available(&self) -> Vec<Available<'_>> {
        let mut out = Vec::new();
        for (at, layer) in self.layers.all.iter().enumerate() {
            let sources: Vec<String> = self.layers.inside(at).filter_map(|inner| self.source_name(inner)).collect();
            // Where the source is, only the outermost format knows.
            let is_there = |column: &&Column| at == 0 || !matches!(column.from, From::Path(..));
            out.extend(layer.format.columns.iter().filter(is_there).map(|column| Available {
                name: layer.name(&column.name),
                // Its text is in the columns made of it.
                on_demand: column.on_demand || sources.contains(&column.name),
                layer: at,
                source: Source::Column(column),
            }));
        }
        for (at, layer) in self.layers.all.iter().enumerate().filter(|(_, layer)| layer.extra == Extra::Column) {
            let name = layer.name(EXTRA_COLUMN);
            out.push(Available { name, on_demand: false, layer: at, source: Source::Extra });
        }
        for (_, include) in Include::NAMES {
            let on_demand = !self.options.include.contains(&include);
            out.push(Available { name: include.column(), on_demand, layer: 0, source: Source::Include(include) });
        }
        out
    }

    /// The names of the columns given, in order.
    pub(super) fn output_names(&self, derive: &Derivations) -> Result<Vec<String>> {
        let available = self.available();
        let mut out: Vec<String> = Vec::new();
        let mut add = |name: &str| {
            if !out.iter().any(|known| known == name) {
                out.push(name.to_owned());
            }
        };
        match &self.options.columns {
            Some(names) => {
                for name in names {
                    if !derive.contains(name) {
                        self.find(&available, name)?;
                    }
                    add(name);
                }
                self.options.include.iter().for_each(|include| add(include.column()));
            }
            None => available.iter().filter(|column| !column.on_demand).for_each(|column| add(column.name)),
        }
        // `columns` that name derived ones say which of them are given.
        let is_chosen = self.options.columns.iter().flatten().any(|name| derive.contains(name));
        for name in derive.names() {
            if available.iter().any(|column| column.name == name) {
                let message = format!("\"derive\" names a column the format has: \"{name}\"");
                return Err(Error::new(ErrorKind::Option, message).with_hint("choose another name"));
            }
            if !is_chosen {
                add(name);
            }
        }
        Ok(out)
    }

    fn find<'b>(&self, available: &'b [Available<'b>], name: &str) -> Result<&'b Available<'b>> {
        available.iter().find(|column| column.name == name).ok_or_else(|| {
            let names: Vec<_> =
                available.iter().filter(|column| !column.name.starts_with('_')).map(|c| c.name).collect();
            Error::new(
                ErrorKind::UnknownColumn,
                format!("format \"{}\" has no column \"{name}\"", self.layers.all[0].format.name),
            )
            .with_hint(format!("it has {}", names.join(", ")))
        })
    }

    /// What decodes the columns of these names.
    pub(super) fn read<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        is_judged: &dyn Fn(&str) -> bool,
    ) -> Result<Columns> {
        let available = self.available();
        let wanted = names.into_iter().map(|name| Ok((name, self.find(&available, name)?)));
        let wanted = wanted.collect::<Result<Vec<Wanted>>>()?;
        let mut fields = Vec::with_capacity(wanted.len());
        let (tasks, inner) = self.of_layer(0, &wanted, is_judged, &mut fields)?;
        Ok(Columns { tasks, inner, schema: Arc::new(Schema::new(fields)) })
    }

    /// What decodes the wanted columns of a layer and of those inside it; their fields, in order.
    fn of_layer(
        &self,
        layer: usize,
        wanted: &[Wanted],
        is_judged: &dyn Fn(&str) -> bool,
        fields: &mut Vec<Field>,
    ) -> Result<(Vec<Task>, Vec<InnerRecipe>)> {
        let own: Vec<Wanted> = wanted.iter().copied().filter(|(_, column)| column.layer == layer).collect();
        let tasks = self.tasks(layer, &own, is_judged, fields)?;
        let mut inner = Vec::new();
        for at in self.layers.inside(layer) {
            if !wanted.iter().any(|(_, column)| self.is_within(column.layer, at)) {
                continue;
            }
            let (format, Some(grammar)) = (&self.layers.all[at].format, &self.layers.all[at].grammar) else { continue };
            let source = self.source(at)?;
            // The predicate judges a text when it reads anything of it.
            let available = self.available();
            let mut own = available.iter().filter(|column| self.is_within(column.layer, at));
            let source = Task { is_judged: own.any(|column| is_judged(column.name)), ..source };
            let (format, grammar) = (format.name.as_str().into(), grammar.clone());
            let column = source.names.first().cloned().unwrap_or_else(|| "".into());
            let (tasks, nested) = self.of_layer(at, wanted, is_judged, fields)?;
            inner.push(InnerRecipe { source, column, format, grammar, tasks, inner: nested });
        }
        Ok((tasks, inner))
    }

    /// Whether a layer is another one, or stands in it.
    fn is_within(&self, mut layer: usize, outer: usize) -> bool {
        while layer > outer {
            layer = self.layers.all[layer].within.as_ref().map_or(0, |(within, _)| *within);
        }
        layer == outer
    }

    /// The task that gives the texts that the records of a layer are.
    fn source(&self, layer: usize) -> Result<Task> {
        let available = self.available();
        let (outer, own) = self.layers.all[layer].within.clone().unwrap_or_default();
        let name = self.layers.all[outer].name(&own);
        let wanted = (name, self.find(&available, name)?);
        let mut fields = Vec::new();
        let task = self.tasks(outer, &[wanted], &|_| false, &mut fields)?.pop();
        let is_text = |task: &Task| {
            task.spec.kind.data_type(Strings::Utf8) == DataType::Utf8
                && task.parts.is_empty()
                && !matches!(task.input, Input::Provenance(_) | Input::Record)
        };
        match task.filter(is_text) {
            Some(task) => Ok(Task { spec: Spec { strings: Strings::Utf8, ..task.spec }, ..task }),
            None => {
                let message = format!("\"inner\" reads \"{name}\", which is no text of a record's own");
                Err(Error::new(ErrorKind::TypeMismatch, message).with_hint("it takes columns of texts, or of JSON"))
            }
        }
    }

    /// The tasks that decode columns of one layer; their fields (tasks group the parts of a request line, so the order may
    /// differ from that of the columns).
    fn tasks(
        &self,
        layer: usize,
        wanted: &[Wanted],
        is_judged: &dyn Fn(&str) -> bool,
        out: &mut Vec<Field>,
    ) -> Result<Vec<Task>> {
        let layer = &self.layers.all[layer];
        let mut tasks: Vec<Task> = Vec::new();
        let mut origins: Vec<Task> = Vec::new();
        let mut requests: BTreeMap<(usize, bool, Strings), usize> = BTreeMap::new();
        for (name, column) in wanted.iter().copied() {
            let judged = is_judged(name);
            let task = |input, spec| Task {
                input,
                spec,
                parts: vec![],
                joined: vec![],
                names: vec![name.into()],
                is_judged: judged,
            };
            match column.source {
                Source::Include(include) => {
                    let spec = self.text_spec();
                    match include {
                        Include::Raw => tasks.push(task(Input::Record, spec)),
                        Include::Path => origins.push(task(Input::Provenance(Provenance::Path), spec)),
                        Include::Line => origins.push(task(Input::Provenance(Provenance::Line), spec)),
                        Include::Offset => origins.push(task(Input::Provenance(Provenance::Offset), spec)),
                    }
                }
                Source::Extra => tasks.push(task(Input::Extra, self.extra_spec(layer))),
                Source::Column(column) => {
                    let (place, part) = match &column.from {
                        From::Capture(capture) => (layer.captures.find(capture, &column.name), None),
                        From::Key(key) => (layer.captures.find_key(key, &column.name), None),
                        From::Path(templates, capture) => {
                            if self.spec(layer, column)?.kind != Kind::Utf8 {
                                let message = format!("a part of the path is text, not {}", column.dtype.name);
                                return Err(Error::new(ErrorKind::TypeMismatch, message)
                                    .with_column(name)
                                    .with_hint("leave its type out, and cast the result"));
                            }
                            let number = path::number(templates, capture);
                            origins.push(task(Input::Provenance(Provenance::PathPart(number)), self.text_spec()));
                            continue;
                        }
                        From::Folder(key) => {
                            let number = path::folder_number(&layer.format.columns, key);
                            origins
                                .push(task(Input::Provenance(Provenance::Folder(number)), self.spec(layer, column)?));
                            continue;
                        }
                        From::Member(_) => {
                            tasks.push(task(Input::Member, self.member_spec(layer, column)?));
                            continue;
                        }
                        From::Request(capture, part) => {
                            (layer.captures.find(capture, &column.name), Some(part_of(*part)))
                        }
                        From::Joined(parts) => {
                            let (input, joined) = layer.captures.join(parts, &column.name)?;
                            let spec = self.spec(layer, column)?;
                            if spec.kind != Kind::Utf8 && !joined.is_empty() {
                                let message = format!("joined texts are text, not {}", column.dtype.name);
                                return Err(Error::new(ErrorKind::TypeMismatch, message)
                                    .with_column(name)
                                    .with_hint("leave its type out, and cast the result"));
                            }
                            tasks.push(Task { joined, ..task(input, spec) });
                            continue;
                        }
                    };
                    let (index, escape) = place?;
                    let spec = Spec { escape, ..self.spec(layer, column)? };
                    let Some(part) = part else {
                        tasks.push(task(Input::Capture(index), spec));
                        continue;
                    };
                    if spec.kind != Kind::Utf8 {
                        let message = format!("a part of a request line is text, not {}", column.dtype.name);
                        return Err(Error::new(ErrorKind::TypeMismatch, message)
                            .with_column(name)
                            .with_hint("leave its type out, and cast the result"));
                    }
                    let at = *requests.entry((index, judged, spec.strings)).or_insert_with(|| {
                        tasks.push(Task { names: vec![], ..task(Input::Capture(index), spec) });
                        tasks.len() - 1
                    });
                    tasks[at].parts.push(part);
                    tasks[at].names.push(name.into());
                }
            }
        }
        let fields = tasks.iter().flat_map(|task| {
            let data_type = task.spec.kind.data_type(task.spec.strings);
            task.names.iter().map(move |name| Field::new(&**name, data_type.clone(), true))
        });
        let origin_fields = origins.iter().map(|task| {
            let data_type = match task.input {
                Input::Provenance(Provenance::Path | Provenance::PathPart(_)) => DataType::Utf8,
                Input::Provenance(Provenance::Folder(_)) => task.spec.kind.data_type(task.spec.strings),
                _ => DataType::Int64,
            };
            Field::new(&*task.names[0], data_type, true)
        });
        out.extend(fields.chain(origin_fields));
        tasks.extend(origins);
        Ok(tasks)
    }

    /// The spec of a column, but for its place.
    fn spec(&self, layer: &Layer, column: &Column) -> Result<Spec> {
        let zone = layer.format.timezone.as_deref().unwrap_or(&self.options.timezone);
        let options = KindOptions {
            format: column.dtype.format.as_deref(),
            separators: &column.dtype.separators,
            zone,
            unit: self.options.time_unit,
            pairs: layer.captures.pairs.as_ref(),
        };
        let kind = Kind::parse(&column.dtype.name, &options).map_err(|err| err.with_column(&column.name))?;
        let strings = Strings::of_type(&column.dtype.name).unwrap_or(self.options.strings);
        Ok(Spec { kind, null: NullTexts::new(&column.null), strings, ..self.text_spec() })
    }

    /// The spec of a JSON column.
    fn member_spec(&self, layer: &Layer, column: &Column) -> Result<Spec> {
        let Some(place) = layer.captures.places.get(&column.name) else {
            let message = format!("column \"{}\" reads a JSON member, but the layout is not JSON", column.name);
            return Err(Error::new(ErrorKind::FormatSyntax, message));
        };
        place.spec(&|dtype| self.spec(layer, &Column { dtype: dtype.clone(), ..column.clone() }))
    }

    /// The spec of the column of extra text, but for its place.
    fn extra_spec(&self, layer: &Layer) -> Spec {
        if let format::Layout::Json(_) = layer.format.layout {
            return Spec { kind: Kind::Members(layer.captures.prefixes.clone()), ..self.text_spec() };
        }
        self.text_spec()
    }

    fn text_spec(&self) -> Spec {
        Spec {
            field: simd::Field::default(),
            kind: Kind::Utf8,
            null: NullTexts::default(),
            escape: crate::decode::Escape::None,
            joined: Vec::new(),
            strings: self.options.strings,
        }
    }
}

fn part_of(part: format::RequestPart) -> RequestPart {
    match part {
        format::RequestPart::Method => RequestPart::Method,
        format::RequestPart::Path => RequestPart::Path,
        format::RequestPart::Protocol => RequestPart::Protocol,
        format::RequestPart::Query => RequestPart::Query,
    }
}
