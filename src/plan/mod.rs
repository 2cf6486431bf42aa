//! Format and options to a recipe: everything is chosen here, once, before the first byte.
//!
//! In: a [`Format`], which is plain data, and [`Options`]. Out: a [`Plan`]: the grammar, the decoders, the
//! filter, the schema. All errors about columns, types and expressions are raised here.

mod derive;
mod header;
mod layout;
mod path;
mod schema;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::batch::{Assembler, Input, Predicate, Provenance, Recipe, Task};
use crate::decode::{Kind, KindOptions, NullTexts, RequestPart, Spec, Strings, time_zone};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::{Bound, Context, Expr};
use crate::format::{self, Column, Extra, Format, From};
use crate::options::{Include, Options};
use crate::simd::{self, Pool};
use crate::split::Framing;
use crate::tokenize::{Grammar, Header};
use derive::Derivations;
pub use header::resolve;
use layout::Captures;
pub use schema::json_schema;

/// The name of the column that holds text behind the last known field.
const EXTRA_COLUMN: &str = "_extra";

/// What a scan will do.
#[derive(Clone, Debug)]
pub struct Plan {
    recipe: Arc<Recipe>,
    format: Arc<Format>,
    filter: Option<Expr>,
    derive: Vec<(String, Expr)>,
}

/// A column that can be asked for.
struct Available<'a> {
    name: &'a str,
    on_demand: bool,
    source: Source<'a>,
}

enum Source<'a> {
    Column(&'a Column),
    Extra,
    Include(Include),
}

impl Plan {
    /// The plan of a scan.
    ///
    /// **Errors**: `UnknownColumn`, `TypeMismatch`, `Expression`, `FormatSyntax` or `Option`, each naming its place.
    pub fn new(format: &Arc<Format>, options: &Options) -> Result<Self> {
        options.check()?;
        // Until the keys are found that columns are made of, none is extra.
        let extra = if format.wants_keys() { Extra::Reject } else { options.extra.unwrap_or(format.extra) };
        let mut builder = Builder { format, options, extra, captures: Captures::default() };
        builder.check_zone()?;
        builder.check_places()?;
        let derive = Derivations::new(&options.derive)?;
        let output = builder.output_names(&derive)?;
        let given = derive.needed(output.iter().map(String::as_str));
        let judged = derive.needed(options.filter.iter().flat_map(Expr::columns));
        let all = derive.needed(derive.names());
        let sets = [&given.columns, &judged.columns, &all.columns];
        let is_needed =
            |name: &str| output.iter().any(|known| known == name) || sets.iter().any(|set| set.contains(name));
        let (grammar, captures) = layout::grammar(format, extra, options.max_record_bytes, &is_needed)?;
        builder.captures = captures;
        let context = Context { timezone: options.timezone.clone(), tables: options.tables.clone() };
        if given.derived.len() < derive.len() {
            // What is neither given nor read by what is given is still checked.
            let (_, decoded) = builder.tasks(all.columns.iter().copied(), &|_| false)?;
            derive.bind(&all.derived, &decoded, &context)?;
        }

        // Decoded: what is given, then what only derived columns read.
        let shown: Vec<&str> = output.iter().map(String::as_str).filter(|name| given.columns.contains(name)).collect();
        let read = given.columns.iter().copied().filter(|name| !shown.contains(name));
        let (tasks, decoded) =
            builder.tasks(shown.iter().copied().chain(read), &|name| judged.columns.contains(name))?;
        let derived = derive.bind(&given.derived, &decoded, &context)?;
        let predicate = match &options.filter {
            Some(filter) => {
                let (tasks, schema) = builder.tasks(judged.columns.iter().copied(), &|_| false)?;
                let derived = derive.bind(&judged.derived, &schema, &context)?;
                let all = derived.last().map_or(&schema, |last| &last.schema);
                let bound = Bound::bind_condition(filter, all, &context)?;
                Some(Predicate { tasks, schema, derived, bound })
            }
            None => None,
        };
        let all = derived.last().map_or(&decoded, |last| &last.schema);
        let places = output.iter().map(|name| Ok(all.index_of(name)?)).collect::<Result<Vec<_>>>()?;
        let schema = Arc::new(all.project(&places)?);
        let (framing, header) = match &grammar {
            Grammar::Delimited(delimited) => (delimited.framing(), delimited.header.map(Header::lines)),
            Grammar::Json(json) if let Some(values) = &json.values => (Framing::Values(values.clone()), None),
            Grammar::Syslog(syslog) if syslog.counted => (Framing::Octets, None),
            other => (other.rules().starts.clone().map_or(Framing::Lines, Framing::Multiline), None),
        };
        let recipe = Recipe {
            framing,
            header,
            skip_lines: format.skip_lines,
            grammar,
            tasks,
            decoded,
            predicate,
            derived,
            output: places,
            schema,
            policy: options.on_error,
            reject_raw: options.reject_raw,
            all_rejects: options.rejects_to.is_some(),
            batch_rows: options.batch_rows,
            level: options.simd,
            path: Arc::new(path::rule(&format.columns)),
        };
        let (filter, derive) = (options.filter.clone(), options.derive.clone());
        Ok(Self { recipe: Arc::new(recipe), format: format.clone(), filter, derive })
    }

    /// The columns the scan gives.
    pub fn schema(&self) -> &SchemaRef {
        &self.recipe.schema
    }

    /// What each thread needs.
    pub fn recipe(&self) -> &Arc<Recipe> {
        &self.recipe
    }

    /// What will be done and how, for people.
    ///
    /// **Errors**: if a decoder cannot be made.
    pub fn explain(&self) -> Result<String> {
        let recipe = &self.recipe;
        let assembler = Assembler::new(recipe.clone(), &Pool::default())?;
        let mut out = format!("format   {}\n", self.format.name);
        let _ = writeln!(out, "layout   {}", self.format.explain_layout().trim_end().replace('\n', "\n         "));
        let _ = writeln!(out, "records  {}", assembler.explain());
        let _ = writeln!(out, "kernels  {}", recipe.level.name());
        if let Some(filter) = &self.filter {
            let _ = writeln!(out, "where    {filter}");
        }
        for note in &self.format.notes {
            let _ = writeln!(out, "note     {}", note.replace('\n', " "));
        }
        let names: Vec<_> = recipe.tasks.iter().flat_map(|task| &task.names).map(|name| &**name).collect();
        let _ = writeln!(out, "decode   {}", names.join(", "));
        for (name, expr) in &self.derive {
            let _ = writeln!(out, "derive   {name} = {expr}");
        }
        Ok(out)
    }
}

/// Finds columns and makes tasks of them.
struct Builder<'a> {
    format: &'a Format,
    options: &'a Options,
    extra: Extra,
    captures: Captures,
}

impl Builder<'_> {
    /// All columns there are.
    fn available(&self) -> Vec<Available<'_>> {
        let columns = self.format.columns.iter();
        let mut out: Vec<_> = columns
            .map(|column| Available { name: &column.name, on_demand: column.on_demand, source: Source::Column(column) })
            .collect();
        if self.extra == Extra::Column {
            out.push(Available { name: EXTRA_COLUMN, on_demand: false, source: Source::Extra });
        }
        for (_, include) in Include::NAMES {
            let on_demand = !self.options.include.contains(&include);
            out.push(Available { name: include.column(), on_demand, source: Source::Include(include) });
        }
        out
    }

    /// The names of the columns given, in order.
    fn output_names(&self, derive: &Derivations) -> Result<Vec<String>> {
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
            Error::new(ErrorKind::UnknownColumn, format!("format \"{}\" has no column \"{name}\"", self.format.name))
                .with_hint(format!("it has {}", names.join(", ")))
        })
    }

    /// The tasks that decode the columns of these names, and their schema (tasks group the parts of a request line, so
    /// the order may differ from the names').
    fn tasks<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        is_judged: &dyn Fn(&str) -> bool,
    ) -> Result<(Vec<Task>, SchemaRef)> {
        let available = self.available();
        let mut tasks: Vec<Task> = Vec::new();
        let mut origins: Vec<Task> = Vec::new();
        let mut requests: BTreeMap<(usize, bool, Strings), usize> = BTreeMap::new();
        for name in names {
            let column = self.find(&available, name)?;
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
                Source::Extra => tasks.push(task(Input::Extra, self.extra_spec())),
                Source::Column(column) => {
                    let (place, part) = match &column.from {
                        From::Capture(capture) => (self.captures.find(capture, &column.name), None),
                        From::Key(key) => (self.captures.find_key(key, &column.name), None),
                        From::Path(templates, capture) => {
                            if self.spec(column)?.kind != Kind::Utf8 {
                                let message = format!("a part of the path is text, not {}", column.dtype.name);
                                return Err(Error::new(ErrorKind::TypeMismatch, message)
                                    .with_column(name)
                                    .with_hint("leave its type out, and cast the result"));
                            }
                            let number = path::number(templates, capture);
                            origins.push(task(Input::Provenance(Provenance::PathPart(number)), self.text_spec()));
                            continue;
                        }
                        From::Member(_) => {
                            tasks.push(task(Input::Member, self.member_spec(column)?));
                            continue;
                        }
                        From::Request(capture, part) => {
                            (self.captures.find(capture, &column.name), Some(part_of(*part)))
                        }
                        From::Joined(parts) => {
                            let (input, joined) = self.captures.join(parts, &column.name)?;
                            let spec = self.spec(column)?;
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
                    let spec = Spec { escape, ..self.spec(column)? };
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
            let is_path = matches!(task.input, Input::Provenance(Provenance::Path | Provenance::PathPart(_)));
            Field::new(&*task.names[0], if is_path { DataType::Utf8 } else { DataType::Int64 }, true)
        });
        let schema = Arc::new(Schema::new(fields.chain(origin_fields).collect::<Vec<_>>()));
        tasks.extend(origins);
        Ok((tasks, schema))
    }

    /// The spec of a column, but for its place.
    fn spec(&self, column: &Column) -> Result<Spec> {
        let zone = self.format.timezone.as_deref().unwrap_or(&self.options.timezone);
        let options = KindOptions {
            format: column.dtype.format.as_deref(),
            separators: &column.dtype.separators,
            zone,
            unit: self.options.time_unit,
            pairs: self.captures.pairs.as_ref(),
        };
        let kind = Kind::parse(&column.dtype.name, &options).map_err(|err| err.with_column(&column.name))?;
        let strings = Strings::of_type(&column.dtype.name).unwrap_or(self.options.strings);
        Ok(Spec { kind, null: NullTexts::new(&column.null), strings, ..self.text_spec() })
    }

    /// The spec of a JSON column.
    fn member_spec(&self, column: &Column) -> Result<Spec> {
        let Some(place) = self.captures.places.get(&column.name) else {
            let message = format!("column \"{}\" reads a JSON member, but the layout is not JSON", column.name);
            return Err(Error::new(ErrorKind::FormatSyntax, message));
        };
        place.spec(&|dtype| self.spec(&Column { dtype: dtype.clone(), ..column.clone() }))
    }

    /// The spec of the column of extra text, but for its place.
    fn extra_spec(&self) -> Spec {
        if let format::Layout::Json(_) = self.format.layout {
            return Spec { kind: Kind::Members(self.captures.prefixes.clone()), ..self.text_spec() };
        }
        self.text_spec()
    }

    /// Refuses a misspelt zone here, and also where no column needs it: it must not wait for the log that does.
    fn check_zone(&self) -> Result<()> {
        let zones = [Some(&*self.options.timezone), self.format.timezone.as_deref()];
        zones.into_iter().flatten().try_for_each(|zone| time_zone(zone).map(drop))
    }

    /// A line's number is known only when all chunks before its own are read, and expressions are evaluated before.
    fn check_places(&self) -> Result<()> {
        let filter = self.options.filter.iter().map(|filter| ("where", filter));
        let derive = self.options.derive.iter().map(|(_, expr)| ("derive", expr));
        let line = Include::Line.column();
        let Some((option, _)) = filter.chain(derive).find(|(_, expr)| expr.columns().contains(line)) else {
            return Ok(());
        };
        let message =
            format!("\"{option}\" cannot read \"{line}\": lines are counted when the rows are chosen already");
        Err(Error::new(ErrorKind::Expression, message)
            .with_hint("\"_offset\" can be read; or include the line and use it on the result"))
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
