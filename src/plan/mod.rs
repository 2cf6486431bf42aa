//! Format and options to a recipe: everything is chosen here, once, before the first byte.
//!
//! In: a [`Format`], which is plain data, and [`Options`]. Out: a [`Plan`]: the delimiter program, the decoders, the
//! filter, the schema. All errors about columns, types and expressions are raised here.

mod layout;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::batch::{Assembler, Derived, Input, Predicate, Provenance, Recipe, Task, Where};
use crate::decode::{Kind, KindOptions, NullTexts, RequestPart, Spec, time_zone};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::{Bound, Context, Expr};
use crate::format::{self, Column, Extra, Format, From};
use crate::options::{Include, Options};
use crate::simd::{self, Pool};
use layout::Captures;

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
        let extra = options.extra.unwrap_or(format.extra);
        let (program, captures) = layout::program(format, extra, options.max_record_bytes)?;
        let builder = Builder { format, options, extra, captures };
        builder.check_zone()?;
        let derive = &options.derive;
        let named: HashMap<&str, &Expr> = derive.iter().map(|(name, expr)| (name.as_str(), expr)).collect();
        let filter = options.filter.as_ref().map(|filter| filter.replace_columns(&named));
        builder.check_places(filter.as_ref())?;
        let output = builder.output_names(&named)?;

        // Decoded: what is given, then what only derived columns read.
        let mut wanted: Vec<String> =
            output.iter().filter(|name| !named.contains_key(name.as_str())).cloned().collect();
        for (_, expr) in derive {
            let inputs = expr.columns().into_iter().map(str::to_owned).filter(|name| !wanted.contains(name));
            let inputs = inputs.collect::<Vec<_>>();
            wanted.extend(inputs);
        }
        let judged = filter.as_ref().map(Expr::columns).unwrap_or_default();
        let (tasks, decoded) = builder.tasks(&wanted, &|name| judged.contains(name))?;
        let context = Context { timezone: options.timezone.clone(), tables: options.tables.clone() };
        let mut derived = Vec::with_capacity(derive.len());
        for (name, expr) in derive {
            let bound = Bound::bind(expr, &decoded, &context).map_err(|err| err.with_column(name))?;
            derived.push(Derived { field: Field::new(name, bound.data_type().clone(), true), bound });
        }
        let predicate = match &filter {
            Some(filter) => {
                let wanted: Vec<String> = filter.columns().into_iter().map(str::to_owned).collect();
                let (tasks, schema) = builder.tasks(&wanted, &|_| false)?;
                let bound = Bound::bind_condition(filter, &schema, &context)?;
                Some(Predicate { tasks, schema, bound })
            }
            None => None,
        };
        let places = output.iter().map(|name| match derive.iter().position(|(derived, _)| derived == name) {
            Some(at) => Ok((Where::Derived(at), derived[at].field.clone())),
            None => Ok((Where::Decoded(decoded.index_of(name)?), decoded.field_with_name(name)?.clone())),
        });
        let (output, fields): (Vec<_>, Vec<_>) = places.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let recipe = Recipe {
            program,
            tasks,
            decoded,
            predicate,
            derived,
            output,
            schema: Arc::new(Schema::new(fields)),
            policy: options.on_error,
            reject_raw: options.reject_raw,
            all_rejects: options.rejects_to.is_some(),
            batch_rows: options.batch_rows,
            level: options.level,
        };
        Ok(Self { recipe: Arc::new(recipe), format: format.clone(), filter, derive: derive.clone() })
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
    fn output_names(&self, derived: &HashMap<&str, &Expr>) -> Result<Vec<String>> {
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
                    if !derived.contains_key(name.as_str()) {
                        self.find(&available, name)?;
                    }
                    add(name);
                }
                self.options.include.iter().for_each(|include| add(include.column()));
            }
            None => available.iter().filter(|column| !column.on_demand).for_each(|column| add(column.name)),
        }
        for (name, _) in &self.options.derive {
            if available.iter().any(|column| column.name == name) {
                let message = format!("\"derive\" names a column the format has: \"{name}\"");
                return Err(Error::new(ErrorKind::Option, message).with_hint("choose another name"));
            }
            add(name);
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
    fn tasks(&self, names: &[String], is_judged: &dyn Fn(&str) -> bool) -> Result<(Vec<Task>, SchemaRef)> {
        let available = self.available();
        let mut tasks: Vec<Task> = Vec::new();
        let mut origins: Vec<Task> = Vec::new();
        let mut requests: BTreeMap<(usize, bool), usize> = BTreeMap::new();
        for name in names {
            let column = self.find(&available, name)?;
            let judged = is_judged(name);
            let task =
                |input, spec| Task { input, spec, parts: vec![], names: vec![name.as_str().into()], is_judged: judged };
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
                Source::Extra => tasks.push(task(Input::Extra, self.text_spec())),
                Source::Column(column) => {
                    let (capture, part) = match &column.from {
                        From::Capture(capture) => (capture, None),
                        From::Request(capture, part) => (capture, Some(part_of(*part))),
                    };
                    let (index, escape) = self.captures.find(capture, &column.name)?;
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
                    let at = *requests.entry((index, judged)).or_insert_with(|| {
                        tasks.push(Task { names: vec![], ..task(Input::Capture(index), spec) });
                        tasks.len() - 1
                    });
                    tasks[at].parts.push(part);
                    tasks[at].names.push(name.as_str().into());
                }
            }
        }
        let fields = tasks.iter().flat_map(|task| {
            let data_type = task.spec.kind.data_type(task.spec.strings);
            task.names.iter().map(move |name| Field::new(&**name, data_type.clone(), true))
        });
        let origin_fields = origins.iter().map(|task| {
            let is_path = task.input == Input::Provenance(Provenance::Path);
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
        };
        let kind = Kind::parse(&column.dtype.name, &options).map_err(|err| err.with_column(&column.name))?;
        Ok(Spec { kind, null: NullTexts::new(&column.null), ..self.text_spec() })
    }

    /// Refuses a misspelt zone here, and also where no column needs it: it must not wait for the log that does.
    fn check_zone(&self) -> Result<()> {
        let zones = [Some(&*self.options.timezone), self.format.timezone.as_deref()];
        zones.into_iter().flatten().try_for_each(|zone| time_zone(zone).map(drop))
    }

    /// Expressions are evaluated before a row's place is known: its line only once all chunks before are read.
    fn check_places(&self, filter: Option<&Expr>) -> Result<()> {
        let places = [Include::Path, Include::Line, Include::Offset].map(Include::column);
        let in_filter = filter.and_then(|filter| filter.columns().into_iter().find(|name| places.contains(name)));
        let derived = self.options.derive.iter().map(|(_, expr)| expr);
        let in_derive = derived.filter_map(|expr| expr.columns().into_iter().find(|name| *name == places[1])).next();
        let Some((option, name)) = in_filter.map(|name| ("where", name)).or(in_derive.map(|name| ("derive", name)))
        else {
            return Ok(());
        };
        let message = format!("\"{option}\" cannot read \"{name}\", which is known only after the rows are chosen");
        Err(Error::new(ErrorKind::Expression, message).with_hint("include the column and use it on the result"))
    }

    fn text_spec(&self) -> Spec {
        Spec {
            field: simd::Field::default(),
            kind: Kind::Utf8,
            null: NullTexts::default(),
            escape: crate::decode::Escape::None,
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
