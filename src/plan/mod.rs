//! Format and options to a recipe: everything is chosen here, once, before the first byte.
//!
//! In: a [`Format`], which is plain data, and [`Options`]. Out: a [`Plan`]: the grammar, the decoders, the
//! filter, the schema. All errors about columns, types and expressions are raised here.

mod columns;
mod derive;
mod header;
mod layers;
mod layout;
mod path;
mod schema;

use std::fmt::Write;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use crate::batch::{Assembler, InnerRecipe, Predicate, Recipe};
use crate::decode::time_zone;
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::filter::{Bound, Context, Expr};
use crate::format::Format;
use crate::options::{Include, Options};
use crate::simd::Pool;
use crate::split::Framing;
use crate::tokenize::{Grammar, Header};
use columns::{Builder, Columns};
use derive::Derivations;
pub use header::resolve;
pub(crate) use layers::{OpenLayer, open_layer};
pub use schema::json_schema;

/// What a scan will do.
#[derive(Clone, Debug)]
pub struct Plan {
    recipe: Arc<Recipe>,
    format: Arc<Format>,
    filter: Option<Expr>,
    derive: Vec<(String, Expr)>,
}

impl Plan {
    /// The plan of a scan.
    ///
    /// **Errors**: `UnknownColumn`, `TypeMismatch`, `Expression`, `FormatSyntax` or `Option`, each naming its place.
    pub fn new(format: &Arc<Format>, options: &Options) -> Result<Self> {
        options.check()?;
        let format = &with_schema(format, options)?;
        check_zones(format, options)?;
        check_places(options)?;
        let mut builder = Builder::new(format, options)?;
        let derive = Derivations::new(&options.derive)?;
        let output = builder.output_names(&derive)?;
        check_names(output.iter().map(String::as_str).chain(derive.names()))?;
        let given = derive.needed(output.iter().map(String::as_str));
        let judged = derive.needed(options.filter.iter().flat_map(Expr::columns));
        let all = derive.needed(derive.names());
        let sets = [&given.columns, &judged.columns, &all.columns];
        let is_needed =
            |name: &str| output.iter().any(|known| known == name) || sets.iter().any(|set| set.contains(name));
        let grammar = builder.compile(&is_needed)?;
        let context = Context { timezone: options.timezone.clone(), tables: options.tables.clone() };
        if given.derived.len() < derive.len() {
            // What is neither given nor read by what is given is still checked.
            let read = builder.read(all.columns.iter().copied(), &|_| false)?;
            derive.bind(&all.derived, &read.schema, &context)?;
        }

        // Decoded: what is given, then what only derived columns read.
        let shown: Vec<&str> = output.iter().map(String::as_str).filter(|name| given.columns.contains(name)).collect();
        let read = given.columns.iter().copied().filter(|name| !shown.contains(name));
        let Columns { tasks, inner, schema: decoded } =
            builder.read(shown.iter().copied().chain(read), &|name| judged.columns.contains(name))?;
        let derived = derive.bind(&given.derived, &decoded, &context)?;
        let predicate = match &options.filter {
            Some(filter) => {
                let Columns { tasks, inner, schema } = builder.read(judged.columns.iter().copied(), &|_| false)?;
                let derived = derive.bind(&judged.derived, &schema, &context)?;
                let all = derived.last().map_or(&schema, |last| &last.schema);
                let bound = Bound::bind_condition(filter, all, &context)?;
                Some(Predicate { tasks, inner, schema, derived, bound })
            }
            None => None,
        };
        let all = derived.last().map_or(&decoded, |last| &last.schema);
        let places = output.iter().map(|name| Ok(all.index_of(name)?)).collect::<Result<Vec<_>>>()?;
        let schema = Arc::new(all.project(&places)?);
        let (framing, header) = match &grammar {
            Grammar::Delimited(delimited) => (delimited.framing(), delimited.header.map(Header::lines)),
            other if other.rules().parts.is_some() => {
                (other.rules().parts.map_or(Framing::Lines, Framing::Parts), None)
            }
            Grammar::Json(json) if let Some(values) = &json.values => (Framing::Values(values.clone()), None),
            Grammar::Journal(_) => (Framing::Entries, None),
            Grammar::Syslog(syslog) if syslog.counted => (Framing::Octets, None),
            other => (other.rules().starts.clone().map_or(Framing::Lines, Framing::Multiline), None),
        };
        let recipe = Recipe {
            framing,
            header,
            skip_lines: format.skip_lines,
            grammar,
            tasks,
            inner,
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
        explain_inner(&recipe.inner, &mut out);
        for (name, expr) in &self.derive {
            let _ = writeln!(out, "derive   {name} = {expr}");
        }
        Ok(out)
    }
}

/// The format with the schema of the options; one that has it already stays as it is.
///
/// **Errors**: as [`Format::with_schema`].
pub fn with_schema(format: &Arc<Format>, options: &Options) -> Result<Arc<Format>> {
    match &options.schema {
        Some(schema) => Format::clone(format).with_schema(schema).map(Arc::new),
        None => Ok(format.clone()),
    }
}

/// Which records stand in columns, and what is decoded of them.
fn explain_inner(inner: &[InnerRecipe], out: &mut String) {
    for inner in inner {
        let names: Vec<_> = inner.tasks.iter().flat_map(|task| &task.names).map(|name| &**name).collect();
        let _ = writeln!(out, "inner    {} in {}: {}", inner.format, inner.column, names.join(", "));
        explain_inner(&inner.inner, out);
    }
}

/// Refuses a misspelt zone here, and also where no column needs it: it must not wait for the log that does.
fn check_zones(format: &Format, options: &Options) -> Result<()> {
    let zones = [Some(&*options.timezone), format.timezone.as_deref()];
    zones.into_iter().flatten().try_for_each(|zone| time_zone(zone).map(drop))
}

/// A line's number is known only when all chunks before its own are read, and expressions are evaluated before.
fn check_places(options: &Options) -> Result<()> {
    let filter = options.filter.iter().map(|filter| ("where", filter));
    let derive = options.derive.iter().map(|(_, expr)| ("derive", expr));
    let line = Include::Line.column();
    let Some((option, _)) = filter.chain(derive).find(|(_, expr)| expr.columns().contains(line)) else {
        return Ok(());
    };
    let message = format!("\"{option}\" cannot read \"{line}\": lines are counted when the rows are chosen already");
    Err(Error::new(ErrorKind::Expression, message)
        .with_hint("\"_offset\" can be read; or include the line and use it on the result"))
}

/// Refuses a name that no other library could be told: to Arrow's C interface a NUL ends it.
fn check_names<'n>(mut names: impl Iterator<Item = &'n str>) -> Result<()> {
    let Some(name) = names.find(|name| name.contains('\0')) else { return Ok(()) };
    let shown = quoted(name.as_bytes());
    Err(Error::new(ErrorKind::UnknownColumn, format!("no column can be called {shown}: its name holds a NUL"))
        .with_hint("choose another name"))
}
