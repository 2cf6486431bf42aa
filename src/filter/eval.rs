//! A bound expression, evaluated over a batch.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Datum, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    UInt32Array,
};
use arrow::buffer::BooleanBuffer;
use arrow::compute::kernels::{cmp, comparison, zip::zip};
use arrow::compute::{and, and_kleene, cast, is_not_null, is_null, not, nullif, or_kleene, take};
use arrow::datatypes::{DataType, TimeUnit};

use super::bind::Bound;
use super::calendar::{Part, Zone, exact_ticks, take_part};
use super::expr::{ArithmeticOp, CompareOp, Function};
use super::kernels::{Index, IntSet, arithmetic, change_case, compare_int};
use super::text::TextTest;
use super::types::{is_text, type_name};
use crate::{Error, ErrorKind, Result};

/// One step, its operands checked and cast to the types it needs.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A column of the batch, by position.
    Column(usize),
    /// One value.
    Constant(ArrayRef),
    Compare {
        op: CompareOp,
        left: Box<Node>,
        right: Box<Node>,
    },
    /// A column of whole numbers beside a constant: the commonest condition.
    CompareInt {
        op: CompareOp,
        input: Box<Node>,
        literal: i64,
    },
    /// Both sides int64, or both float64.
    Arithmetic {
        op: ArithmeticOp,
        left: Box<Node>,
        right: Box<Node>,
    },
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    InInts {
        input: Box<Node>,
        set: IntSet,
    },
    Text {
        input: Box<Node>,
        test: TextTest,
    },
    /// `starts_with` and its kin beside another column; both sides utf8.
    TextPair {
        name: Function,
        left: Box<Node>,
        right: Box<Node>,
    },
    /// Null where the input, a condition, is false: what `IN` with a NULL in its list gives.
    FalseToNull(Box<Node>),
    IsNull {
        input: Box<Node>,
        negated: bool,
    },
    IsTruth {
        input: Box<Node>,
        value: bool,
        negated: bool,
    },
    /// All of one type.
    Case {
        branches: Vec<(Node, Node)>,
        otherwise: Box<Node>,
    },
    /// All of one type.
    Coalesce(Vec<Node>),
    /// Null where the input is; the default where the table lacks it.
    Lookup {
        input: Box<Node>,
        index: Index,
        words: StringArray,
        default: Option<Box<Node>>,
    },
    Cast {
        input: Box<Node>,
        to: DataType,
    },
    /// Text to timestamp, in the context's zone where it names none.
    ReadTime {
        input: Box<Node>,
        zone: Zone,
    },
    Calendar {
        input: Box<Node>,
        part: Part,
        zone: Zone,
    },
    /// Of a utf8 input.
    ChangeCase {
        input: Box<Node>,
        upper: bool,
    },
    /// Of a utf8 input.
    Length(Box<Node>),
}

/// What a node gives: a value for each row, or one for all.
enum Value {
    Array(ArrayRef),
    Constant(ArrayRef),
}

impl Value {
    /// What a kernel makes of two values: one for all rows if both are (a column of type null is one, too).
    fn of_pair(left: &Self, right: &Self, out: BooleanArray) -> Self {
        match (left, right) {
            (Self::Constant(_), Self::Constant(_)) => Self::Constant(Arc::new(out)),
            _ => Self::Array(Arc::new(out)),
        }
    }
}

impl Datum for Value {
    fn get(&self) -> (&dyn Array, bool) {
        match self {
            Self::Array(array) => (array, false),
            Self::Constant(array) => (array, true),
        }
    }
}

impl Bound {
    /// The value of each row, of type [`Bound::data_type`].
    ///
    /// **Errors**: [`ErrorKind::TypeMismatch`] when the batch does not have the schema it was bound to.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
    /// use logarrow::filter::{Bound, Context, Expr};
    ///
    /// let status: ArrayRef = Arc::new(Int64Array::from(vec![200, 299]));
    /// let batch = RecordBatch::try_from_iter([("status", status)])?;
    /// let word = Expr::parse("lookup(status, 'http_status', 'other')")?;
    /// let words = Bound::bind(&word, &batch.schema(), &Context::default())?.evaluate(&batch)?;
    /// assert_eq!(words.as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["OK", "other"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        self.check(batch)?;
        self.root.array(batch)
    }

    /// Which rows to keep: true where the condition is true, false where it is false or null; no nulls.
    ///
    /// **Errors**: [`ErrorKind::TypeMismatch`] when the expression is no condition, or the batch does not have the schema
    /// it was bound to.
    pub fn predicate(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        self.check_condition()?;
        self.check(batch)?;
        let kept = self.root.condition(batch)?;
        Ok(match kept.nulls() {
            Some(nulls) => BooleanArray::new(kept.values() & nulls.inner(), None),
            None => kept,
        })
    }

    fn check(&self, batch: &RecordBatch) -> Result<()> {
        for (idx, (name, dtype)) in self.columns().iter().zip(self.inputs()) {
            let found = (*idx < batch.num_columns()).then(|| batch.column(*idx).data_type());
            if found != Some(dtype) {
                let found = found.map_or("no such column".into(), type_name);
                let message = format!("expected {} at position {idx} of the batch, found {found}", type_name(dtype));
                return Err(Error::new(ErrorKind::TypeMismatch, message)
                    .with_column(name)
                    .with_hint("bind the expression to the schema of the batches it is given"));
            }
        }
        Ok(())
    }
}

impl Node {
    /// The value of each row.
    pub(super) fn array(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        match self.value(batch)? {
            Value::Array(array) => Ok(array),
            Value::Constant(value) => {
                let rows = batch.num_rows();
                if rows == 1 {
                    return Ok(value);
                }
                Ok(take(&value, &UInt32Array::from(vec![0; rows]), None)?)
            }
        }
    }

    /// The value of each row, as a condition.
    fn condition(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let array = self.array(batch)?;
        match array.as_boolean_opt() {
            Some(condition) => Ok(condition.clone()),
            None => Err(self.unexpected(&array)),
        }
    }

    #[cold]
    fn unexpected(&self, array: &ArrayRef) -> Error {
        Error::new(ErrorKind::TypeMismatch, format!("cannot compute with {}", type_name(array.data_type())))
    }

    fn value(&self, batch: &RecordBatch) -> Result<Value> {
        let array: ArrayRef = match self {
            Self::Constant(value) => return Ok(Value::Constant(value.clone())),
            Self::Column(idx) => batch.column(*idx).clone(),
            Self::Compare { op, left, right } => {
                let (left, right) = (left.value(batch)?, right.value(batch)?);
                let compare = match op {
                    CompareOp::Eq => cmp::eq,
                    CompareOp::NotEq => cmp::neq,
                    CompareOp::Lt => cmp::lt,
                    CompareOp::LtEq => cmp::lt_eq,
                    CompareOp::Gt => cmp::gt,
                    CompareOp::GtEq => cmp::gt_eq,
                };
                return Ok(Value::of_pair(&left, &right, compare(&left, &right)?));
            }
            Self::CompareInt { op, input, literal } => {
                let input = input.array(batch)?;
                Arc::new(compare_int(&input, *op, *literal).ok_or_else(|| self.unexpected(&input))?)
            }
            Self::Arithmetic { op, left, right } => arithmetic(*op, &left.array(batch)?, &right.array(batch)?),
            Self::And(all) => Arc::new(join(all, batch, false)?),
            Self::Or(all) => Arc::new(join(all, batch, true)?),
            Self::Not(input) => Arc::new(not(&input.condition(batch)?)?),
            Self::InInts { input, set } => {
                let input = input.array(batch)?;
                Arc::new(set.evaluate(&input).ok_or_else(|| self.unexpected(&input))?)
            }
            Self::Text { input, test } => Arc::new(test.evaluate(&input.array(batch)?)?),
            Self::TextPair { name, left, right } => {
                let (left, right) = (left.value(batch)?, right.value(batch)?);
                let found = match name {
                    Function::StartsWith => comparison::starts_with(&left, &right)?,
                    Function::EndsWith => comparison::ends_with(&left, &right)?,
                    _ => comparison::contains(&left, &right)?,
                };
                return Ok(Value::of_pair(&left, &right, found));
            }
            Self::FalseToNull(input) => {
                let input = input.condition(batch)?;
                let falses = BooleanArray::new(!input.values(), None);
                nullif(&input, &falses)?
            }
            Self::IsNull { input, negated } => {
                let input = input.array(batch)?;
                Arc::new(if *negated { is_not_null(&input)? } else { is_null(&input)? })
            }
            Self::IsTruth { input, value, negated } => {
                let input = input.condition(batch)?;
                let held = if *value { input.values().clone() } else { !input.values() };
                let held = input.nulls().map_or(held.clone(), |nulls| &held & nulls.inner());
                Arc::new(BooleanArray::new(if *negated { !&held } else { held }, None))
            }
            Self::Case { branches, otherwise } => {
                let mut out = otherwise.value(batch)?;
                for (when, then) in branches.iter().rev() {
                    out = Value::Array(zip(&when.condition(batch)?, &then.value(batch)?, &out)?);
                }
                return Ok(out);
            }
            Self::Coalesce(all) => {
                let mut parts = all.iter().rev();
                let Some(last) = parts.next() else { return Err(Error::new(ErrorKind::Expression, "coalesce()")) };
                let mut out = last.value(batch)?;
                for part in parts {
                    let part = part.array(batch)?;
                    out = Value::Array(zip(&is_not_null(&part)?, &part, &out)?);
                }
                return Ok(out);
            }
            Self::Lookup { input, index, words, default } => {
                let keys = input.array(batch)?;
                let rows = index.rows(&keys)?;
                let found = take(words, &rows, None)?;
                match default {
                    // The default is for keys the table lacks; where there is no key, there is no word.
                    Some(default) if rows.null_count() > 0 => {
                        let missing = and(&is_not_null(&keys)?, &is_null(&rows)?)?;
                        zip(&missing, &default.value(batch)?, &found)?
                    }
                    _ => found,
                }
            }
            Self::Cast { input, to } => cast(&offset_zone(input.array(batch)?, to)?, to)?,
            Self::ReadTime { input, zone } => {
                let input = input.array(batch)?;
                let times = input.as_string::<i32>().iter().map(|text| {
                    let tick = i128::from(1_000);
                    let nanos = zone.parse(text?)?;
                    exact_ticks(nanos - nanos.rem_euclid(tick), TimeUnit::Microsecond)
                });
                Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
            }
            Self::Calendar { input, part, zone } => {
                let input = input.array(batch)?;
                take_part(&input, *part, zone).ok_or_else(|| self.unexpected(&input))?
            }
            Self::ChangeCase { input, upper } => Arc::new(change_case(input.array(batch)?.as_string::<i32>(), *upper)),
            Self::Length(input) => {
                let input = input.array(batch)?;
                let lens = input.as_string::<i32>().iter().map(|text| text.map(|text| text.chars().count() as i64));
                Arc::new(lens.collect::<Int64Array>())
            }
        };
        Ok(Value::Array(array))
    }
}

/// AND, or OR when `any`; the rest is not looked at once every row is decided.
fn join(all: &[Node], batch: &RecordBatch, any: bool) -> Result<BooleanArray> {
    let mut joined: Option<BooleanArray> = None;
    for node in all {
        if let Some(so_far) = &joined {
            let open = if any { so_far.true_count() < so_far.len() } else { so_far.false_count() < so_far.len() };
            if !open {
                break;
            }
        }
        let next = node.condition(batch)?;
        joined = Some(match joined {
            None => next,
            Some(so_far) if any => or_kleene(&so_far, &next)?,
            Some(so_far) => and_kleene(&so_far, &next)?,
        });
    }
    let nothing = || BooleanArray::new(BooleanBuffer::collect_bool(batch.num_rows(), |_| !any), None);
    Ok(joined.unwrap_or_else(nothing))
}

/// Points in time that become text, with their zone as an offset: Arrow knows zones by name only with a table of its own.
fn offset_zone(value: ArrayRef, to: &DataType) -> Result<ArrayRef> {
    match value.data_type() {
        DataType::Timestamp(unit, Some(zone)) if zone.as_ref() == "UTC" && is_text(to) => {
            Ok(cast(&value, &DataType::Timestamp(*unit, Some("+00:00".into())))?)
        }
        _ => Ok(value),
    }
}
