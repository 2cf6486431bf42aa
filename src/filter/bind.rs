//! Checking an expression against a schema, once, before the first batch.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::compute::can_cast_types;
use arrow::datatypes::{DataType, Schema, TimeUnit};

use super::calendar::{Part, Zone};
use super::convert::{natural, natural_type};
use super::eval::Node;
use super::expr::{ArithmeticOp, CastType, CompareOp, Expr, Function, Literal, TableRef};
use super::kernels::Index;
use super::sql::{MAX_DEPTH, arguments, usage};
use super::tables::{LookupTable, named};
use super::text::TextTest;
use super::types::{is_int, is_number, is_supported, is_text, type_name};
use crate::error::{quoted, suggest};
use crate::{Error, ErrorKind, Result};

/// What an expression may refer to besides columns.
#[derive(Clone, Debug)]
pub struct Context {
    /// The zone of `date()`, `hour()` and of times written without an offset: an IANA name, or an offset as `+09:00`.
    pub timezone: String,
    /// The caller's lookup tables by name; they go before built-in ones.
    pub tables: HashMap<String, Arc<LookupTable>>,
}

impl Default for Context {
    fn default() -> Self {
        Self { timezone: "UTC".into(), tables: HashMap::new() }
    }
}

/// An expression bound to a schema: ready to be evaluated over its batches, from any number of threads.
#[derive(Clone, Debug)]
pub struct Bound {
    pub(super) root: Node,
    source: Expr,
    data_type: DataType,
    columns: Vec<usize>,
    inputs: Vec<(String, DataType)>,
}

impl Bound {
    /// Binds `expr` to `schema`.
    ///
    /// **Errors**: [`ErrorKind::UnknownColumn`]; [`ErrorKind::TypeMismatch`] when types do not go together or a literal is
    /// no value of its column's type; [`ErrorKind::Expression`] for an unknown table or a wrong number of arguments;
    /// [`ErrorKind::Option`] for an unknown time zone.
    ///
    /// ```
    /// use arrow::datatypes::{DataType, Field, Schema};
    /// use logarrow::filter::{Bound, Context, Expr};
    /// let schema = Schema::new(vec![Field::new("status", DataType::Int16, true)]);
    /// let err = Bound::bind(&Expr::parse("status = 'abc'")?, &schema, &Context::default()).unwrap_err();
    /// assert_eq!(
    ///     err.to_string(),
    ///     "column \"status\": expected a value of type int16, found 'abc'\n\
    ///      hint: write a whole number from -32768 to 32767"
    /// );
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn bind(expr: &Expr, schema: &Schema, context: &Context) -> Result<Self> {
        let zone = Zone::named(&context.timezone)?;
        let binder = Binder { schema, context, zone };
        let operand = binder.bind(expr, 0)?;
        let mut columns = Vec::new();
        for name in expr.columns() {
            columns.push(schema.index_of(name)?);
        }
        columns.sort_unstable();
        let fields = columns.iter().map(|idx| schema.field(*idx));
        let inputs = fields.map(|field| (field.name().clone(), field.data_type().clone())).collect();
        Ok(Self { root: operand.node, source: expr.clone(), data_type: operand.dtype, columns, inputs })
    }

    /// Binds a `where` condition: as [`Bound::bind`], but anything else than a bool is an error.
    pub fn bind_condition(expr: &Expr, schema: &Schema, context: &Context) -> Result<Self> {
        let bound = Self::bind(expr, schema, context)?;
        bound.check_condition()?;
        Ok(bound)
    }

    pub(super) fn check_condition(&self) -> Result<()> {
        if self.data_type == DataType::Boolean {
            return Ok(());
        }
        let message = format!("expected a condition, but {} is {}", self.source, type_name(&self.data_type));
        Err(Error::new(ErrorKind::TypeMismatch, message)
            .with_hint("compare it with something, or test it with IS NOT NULL"))
    }

    /// The type of its values.
    pub fn data_type(&self) -> &DataType {
        &self.data_type
    }

    /// The positions in the schema of the columns it reads, sorted.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The names of the columns it reads, in the order of [`Bound::columns`].
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn inputs(&self) -> &[(String, DataType)] {
        &self.inputs
    }

    /// What it is worth where no column is read: one value, or `None` where it depends on the row.
    pub fn constant(&self) -> Option<&arrow::array::ArrayRef> {
        match &self.root {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }
}

/// A bound part of an expression.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub(super) node: Node,
    pub(super) dtype: DataType,
    /// Reads no column.
    pub(super) constant: bool,
    /// Set where it is a literal, which takes the type of what it meets.
    pub(super) literal: Option<Literal>,
    pub(super) source: Expr,
}

pub(super) struct Binder<'a> {
    schema: &'a Schema,
    context: &'a Context,
    pub(super) zone: Zone,
}

impl Binder<'_> {
    fn bind(&self, expr: &Expr, depth: usize) -> Result<Operand> {
        if depth > MAX_DEPTH {
            return Err(Error::new(ErrorKind::Expression, "the expression nests too deeply")
                .with_hint("join the parts of a long condition by AND or OR, or use IN"));
        }
        let deeper = depth + 1;
        let mut bound = match expr {
            Expr::Column(name) => self.column(name)?,
            Expr::Literal(literal) => Operand {
                node: Node::Constant(natural(literal, &self.zone)?),
                dtype: natural_type(literal),
                constant: true,
                literal: Some(literal.clone()),
                source: expr.clone(),
            },
            Expr::Compare { op, left, right } => {
                self.compare(*op, self.bind(left, deeper)?, self.bind(right, deeper)?)?
            }
            Expr::Arithmetic { op, left, right } => {
                self.arithmetic(*op, self.bind(left, deeper)?, self.bind(right, deeper)?)?
            }
            Expr::And(all) => self.join(all, Node::And, deeper)?,
            Expr::Or(all) => self.join(all, Node::Or, deeper)?,
            Expr::Not(expr) => self.negated(self.condition(expr, deeper)?, true)?,
            Expr::In { expr, list, negated } => {
                let list = list.iter().map(|item| self.bind(item, deeper)).collect::<Result<_>>()?;
                self.negated(self.is_in(self.bind(expr, deeper)?, list)?, *negated)?
            }
            Expr::Between { expr, low, high, negated } => {
                let expr = self.bind(expr, deeper)?;
                let low = self.compare(CompareOp::GtEq, expr.clone(), self.bind(low, deeper)?)?;
                let high = self.compare(CompareOp::LtEq, expr, self.bind(high, deeper)?)?;
                let constant = low.constant && high.constant;
                let both = self.fold(Node::And(vec![low.node, high.node]), DataType::Boolean, constant)?;
                self.negated(both, *negated)?
            }
            Expr::Like { expr, pattern, negated, ignore_case, escape } => {
                let name = if *ignore_case { "ILIKE" } else { "LIKE" };
                let input = self.text(expr, name, deeper)?;
                let test = TextTest::like(pattern, *ignore_case, escape.unwrap_or('\\'));
                let constant = input.constant;
                let node = Node::Text { input: Box::new(input.node), test };
                self.negated(self.fold(node, DataType::Boolean, constant)?, *negated)?
            }
            Expr::IsNull { expr, negated } => {
                let input = self.bind(expr, deeper)?;
                let node = Node::IsNull { input: Box::new(input.node), negated: *negated };
                self.fold(node, DataType::Boolean, input.constant)?
            }
            Expr::IsTruth { expr, value, negated } => {
                let input = self.condition(expr, deeper)?;
                let node = Node::IsTruth { input: Box::new(input.node), value: *value, negated: *negated };
                self.fold(node, DataType::Boolean, input.constant)?
            }
            Expr::Function { name, args } => self.function(*name, args, deeper)?,
            Expr::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref(), deeper)?
            }
            Expr::Lookup { expr, table, default } => self.lookup(expr, table, default.as_deref(), deeper)?,
            Expr::Cast { expr, to } => self.cast(expr, *to, deeper)?,
        };
        bound.source = expr.clone();
        Ok(bound)
    }

    /// A node as an operand; where it reads no column it is computed now.
    pub(super) fn fold(&self, node: Node, dtype: DataType, constant: bool) -> Result<Operand> {
        let node = match constant {
            true => {
                let options = RecordBatchOptions::new().with_row_count(Some(1));
                let one_row = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options)?;
                Node::Constant(node.array(&one_row)?)
            }
            false => node,
        };
        // `bind` sets the source.
        Ok(Operand { node, dtype, constant, literal: None, source: Expr::Literal(Literal::Null) })
    }

    fn column(&self, name: &str) -> Result<Operand> {
        let Ok(idx) = self.schema.index_of(name) else {
            let names = self.schema.fields().iter().map(|field| field.name().as_str());
            let shown: Vec<&str> = names.clone().take(20).collect();
            let more = if self.schema.fields().len() > shown.len() { ", ..." } else { "" };
            let known = format!("columns are {}{more}; a text stands in single quotes", shown.join(", "));
            let hint = suggest(name, names, known);
            let message = format!("no column is called {}", quoted(name.as_bytes()));
            return Err(Error::new(ErrorKind::UnknownColumn, message).with_hint(hint));
        };
        let dtype = self.schema.field(idx).data_type().clone();
        Ok(Operand {
            node: Node::Column(idx),
            dtype,
            constant: false,
            literal: None,
            source: Expr::Literal(Literal::Null),
        })
    }

    /// An operand that must be a condition; NULL is one.
    fn condition(&self, expr: &Expr, depth: usize) -> Result<Operand> {
        let operand = self.bind(expr, depth)?;
        match operand.dtype {
            DataType::Boolean => Ok(operand),
            DataType::Null => self.fold(Node::Constant(new_null_array(&DataType::Boolean, 1)), DataType::Boolean, true),
            _ => {
                let message = format!("expected a condition, found {}", type_name(&operand.dtype));
                Err(operand.about(message).with_hint("compare it with something, or test it with IS NOT NULL"))
            }
        }
    }

    /// An operand that must be text; NULL is one.
    fn text(&self, expr: &Expr, what: &str, depth: usize) -> Result<Operand> {
        let operand = self.bind(expr, depth)?;
        if is_text(&operand.dtype) {
            return Ok(operand);
        }
        if operand.dtype == DataType::Null {
            return self.fold(Node::Constant(new_null_array(&DataType::Utf8, 1)), DataType::Utf8, true);
        }
        let hint = format!("make it text, as CAST({expr} AS utf8)");
        Err(operand.about(format!("{what} takes text, found {}", type_name(&operand.dtype))).with_hint(hint))
    }

    fn join(&self, all: &[Expr], make: fn(Vec<Node>) -> Node, depth: usize) -> Result<Operand> {
        let parts = all.iter().map(|part| self.condition(part, depth)).collect::<Result<Vec<_>>>()?;
        let constant = parts.iter().all(|part| part.constant);
        self.fold(make(parts.into_iter().map(|part| part.node).collect()), DataType::Boolean, constant)
    }

    fn negated(&self, operand: Operand, negated: bool) -> Result<Operand> {
        match negated {
            true => self.fold(Node::Not(Box::new(operand.node)), DataType::Boolean, operand.constant),
            false => Ok(operand),
        }
    }

    fn arithmetic(&self, op: ArithmeticOp, left: Operand, right: Operand) -> Result<Operand> {
        for side in [&left, &right] {
            if !is_number(&side.dtype) && side.dtype != DataType::Null {
                let message = format!("{} takes numbers, found {}", op.as_str(), type_name(&side.dtype));
                let hint = format!("make it a number, as CAST({} AS int64)", side.source);
                return Err(side.about(message).with_hint(hint));
            }
        }
        let whole = |side: &Operand| is_int(&side.dtype) || side.dtype == DataType::Null;
        let dtype = if whole(&left) && whole(&right) { DataType::Int64 } else { DataType::Float64 };
        let constant = left.constant && right.constant;
        let (left, right) = (Box::new(left.cast_to(&dtype)), Box::new(right.cast_to(&dtype)));
        self.fold(Node::Arithmetic { op, left, right }, dtype, constant)
    }

    fn function(&self, name: Function, args: &[Expr], depth: usize) -> Result<Operand> {
        let (least, most) = name.arity();
        let wrong = || {
            let message = format!("{}() takes {}, found {}", name.as_str(), arguments(least, most), args.len());
            Error::new(ErrorKind::Expression, message).with_hint(format!("write {}", usage(name)))
        };
        if !(least..=most).contains(&args.len()) {
            return Err(wrong());
        }
        let first = args.first().ok_or_else(wrong)?;
        let call = format!("{}()", name.as_str());
        let part = match name {
            Function::Coalesce => {
                let args = args.iter().map(|arg| self.bind(arg, depth)).collect::<Result<Vec<_>>>()?;
                let constant = args.iter().all(|arg| arg.constant);
                let (nodes, dtype) = self.unify(&call, args)?;
                return self.fold(Node::Coalesce(nodes), dtype, constant);
            }
            Function::StartsWith | Function::EndsWith | Function::Contains => {
                let text = self.text(first, &call, depth)?;
                let other = self.text(args.get(1).ok_or_else(wrong)?, &call, depth)?;
                let constant = text.constant && other.constant;
                let node = match (&other.node, name) {
                    (Node::Constant(value), _) if value.is_valid(0) => {
                        let value = arrow::compute::cast(value, &DataType::Utf8)?;
                        let value = value.as_string::<i32>().value(0);
                        let test = match name {
                            Function::StartsWith => TextTest::StartsWith(value.into()),
                            Function::EndsWith => TextTest::EndsWith(value.into()),
                            _ => TextTest::contains(value),
                        };
                        Node::Text { input: Box::new(text.node), test }
                    }
                    _ => Node::TextPair {
                        name,
                        left: Box::new(text.cast_to(&DataType::Utf8)),
                        right: Box::new(other.cast_to(&DataType::Utf8)),
                    },
                };
                return self.fold(node, DataType::Boolean, constant);
            }
            Function::Lower | Function::Upper | Function::Length => {
                let text = self.text(first, &call, depth)?;
                let constant = text.constant;
                let input = Box::new(text.cast_to(&DataType::Utf8));
                return match name {
                    Function::Length => self.fold(Node::Length(input), DataType::Int64, constant),
                    _ => {
                        let node = Node::ChangeCase { input, upper: name == Function::Upper };
                        self.fold(node, DataType::Utf8, constant)
                    }
                };
            }
            Function::Date => Part::Date,
            Function::Year => Part::Year,
            Function::Month => Part::Month,
            Function::Day => Part::Day,
            Function::Hour => Part::Hour,
            Function::Minute => Part::Minute,
        };
        let time = self.bind(first, depth)?;
        self.calendar(part, time, &call)
    }

    fn calendar(&self, part: Part, mut time: Operand, call: &str) -> Result<Operand> {
        match (&time.dtype, &time.literal) {
            (DataType::Timestamp(..) | DataType::Date32, _) => {}
            (DataType::Null, _) => time.node = Node::Constant(new_null_array(&DataType::Date32, 1)),
            (_, Some(Literal::Text(text))) => {
                time.node = Node::Constant(natural(&Literal::Timestamp(text.clone()), &self.zone)?);
            }
            _ => {
                let message = format!("{call} takes a time or a date, found {}", type_name(&time.dtype));
                let hint = format!("make it a time, as CAST({} AS timestamp)", time.source);
                return Err(time.about(message).with_hint(hint));
            }
        }
        let node = Node::Calendar { input: Box::new(time.node), part, zone: self.zone.clone() };
        self.fold(node, part.data_type(), time.constant)
    }

    fn case(
        &self,
        operand: Option<&Expr>,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
        depth: usize,
    ) -> Result<Operand> {
        if branches.is_empty() {
            return Err(Error::new(ErrorKind::Expression, "CASE has no WHEN").with_hint("write CASE WHEN a THEN b END"));
        }
        let operand = operand.map(|operand| self.bind(operand, depth)).transpose()?;
        let mut conditions = Vec::with_capacity(branches.len());
        let mut results = Vec::with_capacity(branches.len() + 1);
        for (when, then) in branches {
            conditions.push(match &operand {
                Some(operand) => self.compare(CompareOp::Eq, operand.clone(), self.bind(when, depth)?)?,
                None => self.condition(when, depth)?,
            });
            results.push(self.bind(then, depth)?);
        }
        results.push(self.bind(otherwise.unwrap_or(&Expr::Literal(Literal::Null)), depth)?);
        let constant = conditions.iter().chain(&results).all(|part| part.constant);
        let (mut nodes, dtype) = self.unify("CASE", results)?;
        let otherwise = Box::new(nodes.pop().unwrap_or(Node::Constant(new_null_array(&dtype, 1))));
        let branches = conditions.into_iter().map(|condition| condition.node).zip(nodes).collect();
        self.fold(Node::Case { branches, otherwise }, dtype, constant)
    }

    fn lookup(&self, key: &Expr, table: &TableRef, default: Option<&Expr>, depth: usize) -> Result<Operand> {
        let key = self.bind(key, depth)?;
        let table = match table {
            TableRef::Named(name) => named(name, &self.context.tables)?,
            TableRef::Inline(table) => table.clone(),
        };
        let index = match &key.dtype {
            dtype if is_int(dtype) => table.by_int(true).map(Index::of_ints),
            dtype if is_text(dtype) || *dtype == DataType::Null => {
                table.by_text().map(Index::Text).or_else(|| table.by_int(false).map(Index::of_ints))
            }
            dtype => {
                let message = format!("lookup() takes whole numbers or text, found {}", type_name(dtype));
                return Err(key.about(message).with_hint(format!("bring it to one, as CAST({} AS utf8)", key.source)));
            }
        };
        let Some(index) = index else {
            let message = format!("lookup() has {}, but the keys of the table are texts", type_name(&key.dtype));
            return Err(key.about(message).with_hint(format!("look up CAST({} AS utf8)", key.source)));
        };
        let default = default.map(|default| self.text(default, "the default of lookup()", depth)).transpose()?;
        let constant = key.constant && default.as_ref().is_none_or(|default| default.constant);
        let key_type = if key.dtype == DataType::Null { DataType::Utf8 } else { key.dtype.clone() };
        let node = Node::Lookup {
            input: Box::new(key.cast_to(&key_type)),
            index,
            words: table.words().clone(),
            default: default.map(|default| Box::new(default.cast_to(&DataType::Utf8))),
        };
        self.fold(node, DataType::Utf8, constant)
    }

    fn cast(&self, expr: &Expr, to: CastType, depth: usize) -> Result<Operand> {
        let input = self.bind(expr, depth)?;
        let constant = input.constant;
        let to = match to {
            CastType::Bool => DataType::Boolean,
            CastType::Int8 => DataType::Int8,
            CastType::Int16 => DataType::Int16,
            CastType::Int32 => DataType::Int32,
            CastType::Int64 => DataType::Int64,
            CastType::Float32 => DataType::Float32,
            CastType::Float64 => DataType::Float64,
            CastType::Decimal(precision, scale) => DataType::Decimal128(precision, scale),
            CastType::Utf8 => DataType::Utf8,
            CastType::Date => DataType::Date32,
            CastType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        };
        let from = input.dtype.clone();
        match (&from, &to) {
            (DataType::Timestamp(..), DataType::Date32) => self.calendar(Part::Date, input, "CAST"),
            (from, DataType::Timestamp(..)) if is_text(from) => {
                let input = Box::new(input.cast_to(&DataType::Utf8));
                self.fold(Node::ReadTime { input, zone: self.zone.clone() }, to, constant)
            }
            (from, to) if castable(from, to) => {
                let node = input.cast_to(to);
                self.fold(node, to.clone(), constant)
            }
            _ => {
                let message = format!("cannot be cast from {} to {}", type_name(&from), type_name(&to));
                Err(input
                    .about(message)
                    .with_hint("texts and numbers can be cast to each other, times to texts and dates"))
            }
        }
    }
}

/// What `CAST` offers: every pair whose meaning is plain.
fn castable(from: &DataType, to: &DataType) -> bool {
    let number = |dtype: &DataType| is_number(dtype);
    if *from == DataType::Null || from == to {
        return is_supported(from);
    }
    match to {
        DataType::Utf8 => {
            is_text(from)
                || number(from)
                || matches!(from, DataType::Boolean | DataType::Date32)
                // Other zones need a database that Arrow is built without.
                || matches!(from, DataType::Timestamp(_, zone) if zone.as_deref().is_none_or(|zone| zone == "UTC"))
        }
        DataType::Boolean => is_text(from) || is_int(from),
        DataType::Date32 => is_text(from),
        DataType::Timestamp(..) => matches!(from, DataType::Timestamp(_, Some(_))),
        _ => (number(from) || is_text(from) || *from == DataType::Boolean) && can_cast_types(from, to),
    }
}
