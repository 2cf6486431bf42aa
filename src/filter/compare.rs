//! Binding what puts two types together: comparisons, `IN`, and the branches that must agree on one type.

use arrow::array::{Array, AsArray, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use std::sync::Arc;

use super::bind::{Binder, Operand};
use super::convert::{Cast, cast_literal, hint};
use super::eval::Node;
use super::expr::{CompareOp, Expr, Literal};
use super::kernels::IntSet;
use super::text::TextTest;
use super::types::{common_type, is_int, is_supported, is_text, type_name};
use crate::{Error, ErrorKind, Result};

impl Binder<'_> {
    /// `left op right`.
    pub(super) fn compare(&self, op: CompareOp, left: Operand, right: Operand) -> Result<Operand> {
        for side in [&left, &right] {
            side.check_supported()?;
        }
        let constant = left.constant && right.constant;
        let node = match (&left.literal, &right.literal) {
            (Some(literal), None) => self.compare_literal(op.flipped(), right, literal)?,
            (None, Some(literal)) => self.compare_literal(op, left, literal)?,
            (Some(a), Some(b)) => match cast_literal(b, &left.dtype, &self.zone)? {
                Cast::Refused if !matches!(a, Literal::Null) => self.compare_literal(op.flipped(), right, a)?,
                _ => self.compare_literal(op, left, b)?,
            },
            (None, None) => {
                let Some(dtype) = common_type(&left.dtype, &right.dtype) else {
                    return Err(mismatch(&left, &right));
                };
                let (left, right) = (Box::new(left.cast_to(&dtype)), Box::new(right.cast_to(&dtype)));
                Node::Compare { op, left, right }
            }
        };
        self.fold(node, DataType::Boolean, constant)
    }

    fn compare_literal(&self, op: CompareOp, side: Operand, literal: &Literal) -> Result<Node> {
        if side.dtype == DataType::Null {
            return Ok(Node::Constant(arrow::array::new_null_array(&DataType::Boolean, 1)));
        }
        Ok(match cast_literal(literal, &side.dtype, &self.zone)? {
            Cast::Refused => return Err(refused(&side, literal)),
            Cast::Widen(value) => Node::Compare {
                op,
                left: Box::new(side.cast_to(&DataType::Float64)),
                right: Box::new(Node::Constant(Arc::new(Float64Array::from(vec![value])))),
            },
            Cast::Value(value) if is_int(&side.dtype) && value.is_valid(0) => {
                let literal = cast(&value, &DataType::Int64)?.as_primitive::<Int64Type>().value(0);
                Node::CompareInt { op, input: Box::new(side.node), literal }
            }
            Cast::Value(value) => {
                Node::Compare { op, left: Box::new(side.node), right: Box::new(Node::Constant(value)) }
            }
        })
    }

    /// `expr IN (list)`: by a set where the list holds numbers or texts, else as comparisons joined by OR.
    pub(super) fn is_in(&self, expr: Operand, list: Vec<Operand>) -> Result<Operand> {
        expr.check_supported()?;
        let constant = expr.constant && list.iter().all(|item| item.constant);
        let nulls = list.iter().any(|item| item.literal == Some(Literal::Null));
        let (mut ints, mut texts) = (Vec::new(), std::collections::HashSet::new());
        let mut plain = expr.literal.is_none() && (is_int(&expr.dtype) || is_text(&expr.dtype));
        for item in &list {
            let Some(literal) = &item.literal else {
                plain = false;
                break;
            };
            if matches!(literal, Literal::Null) || !plain {
                continue;
            }
            match cast_literal(literal, &expr.dtype, &self.zone)? {
                Cast::Refused => return Err(refused(&expr, literal)),
                // No whole number equals it.
                Cast::Widen(_) => {}
                Cast::Value(value) if is_int(&expr.dtype) => {
                    ints.push(cast(&value, &DataType::Int64)?.as_primitive::<Int64Type>().value(0));
                }
                Cast::Value(value) => {
                    texts.insert(cast(&value, &DataType::Utf8)?.as_string::<i32>().value(0).into());
                }
            }
        }
        let node = if plain && is_int(&expr.dtype) {
            Node::InInts { input: Box::new(expr.node), set: IntSet::new(ints) }
        } else if plain {
            Node::Text { input: Box::new(expr.node), test: TextTest::OneOf(texts) }
        } else {
            let items = list.into_iter().map(|item| Ok(self.compare(CompareOp::Eq, expr.clone(), item)?.node));
            return self.fold(Node::Or(items.collect::<Result<_>>()?), DataType::Boolean, constant);
        };
        let node = if nulls { Node::FalseToNull(Box::new(node)) } else { node };
        self.fold(node, DataType::Boolean, constant)
    }

    /// All parts as one type, for `CASE` and `coalesce`.
    pub(super) fn unify(&self, what: &str, parts: Vec<Operand>) -> Result<(Vec<Node>, DataType)> {
        let mut dtype = DataType::Null;
        let mut first: Option<Operand> = None;
        for part in parts.iter().filter(|part| part.literal.is_none()) {
            part.check_supported()?;
            dtype = common_type(&dtype, &part.dtype).ok_or_else(|| disagree(what, first.as_ref(), part))?;
            first = first.or_else(|| Some(part.clone()));
        }
        for part in &parts {
            let Some(literal) = &part.literal else { continue };
            let fits = dtype != DataType::Null && matches!(cast_literal(literal, &dtype, &self.zone)?, Cast::Value(_));
            if !fits {
                dtype = common_type(&dtype, &part.dtype).ok_or_else(|| disagree(what, first.as_ref(), part))?;
            }
            if !matches!(literal, Literal::Null) {
                first = first.or_else(|| Some(part.clone()));
            }
        }
        if is_text(&dtype) {
            dtype = DataType::Utf8;
        }
        let mut nodes = Vec::with_capacity(parts.len());
        for part in parts {
            nodes.push(match &part.literal {
                Some(literal) => match cast_literal(literal, &dtype, &self.zone)? {
                    Cast::Value(value) => Node::Constant(value),
                    _ => return Err(disagree(what, first.as_ref(), &part)),
                },
                None => part.cast_to(&dtype),
            });
        }
        Ok((nodes, dtype))
    }
}

impl Operand {
    /// The value as `dtype`, to which [`common_type`] says it goes.
    pub(super) fn cast_to(self, dtype: &DataType) -> Node {
        if self.dtype == *dtype {
            return self.node;
        }
        if let Node::Constant(value) = &self.node
            && let Ok(value) = cast(value, dtype)
        {
            return Node::Constant(value);
        }
        Node::Cast { input: Box::new(self.node), to: dtype.clone() }
    }

    fn check_supported(&self) -> Result<()> {
        if is_supported(&self.dtype) {
            return Ok(());
        }
        let message = format!("expressions cannot compute with {}", type_name(&self.dtype));
        Err(self.about(message).with_hint("such a column can only be tested with IS NULL"))
    }

    /// An error about this operand: with its column where it is one, else with its text.
    #[cold]
    pub(super) fn about(&self, message: String) -> Error {
        match &self.source {
            Expr::Column(name) => Error::new(ErrorKind::TypeMismatch, message).with_column(name),
            other => Error::new(ErrorKind::TypeMismatch, format!("{other}: {message}")),
        }
    }
}

#[cold]
fn refused(side: &Operand, literal: &Literal) -> Error {
    side.about(format!("expected a value of type {}, found {literal}", type_name(&side.dtype)))
        .with_hint(hint(literal, &side.dtype))
}

#[cold]
fn mismatch(left: &Operand, right: &Operand) -> Error {
    let message = format!(
        "{} is {}, and cannot be compared with {}",
        right.source,
        type_name(&right.dtype),
        type_name(&left.dtype)
    );
    let hint = match (&left.dtype, &right.dtype) {
        (DataType::Timestamp(..), DataType::Date32) => format!("compare date({}) with it", left.source),
        (DataType::Date32, DataType::Timestamp(..)) => format!("compare it with date({})", right.source),
        _ => format!("bring one to the other's type, as CAST({} AS ...)", left.source),
    };
    left.about(message).with_hint(hint)
}

#[cold]
fn disagree(what: &str, first: Option<&Operand>, part: &Operand) -> Error {
    let found = type_name(&part.dtype);
    let (with, wanted) = match first {
        Some(first) => (first.source.to_string(), type_name(&first.dtype)),
        None => ("NULL".into(), "null".into()),
    };
    let message = format!("the results of {what} have no common type: {with} is {wanted}, {} is {found}", part.source);
    Error::new(ErrorKind::TypeMismatch, message).with_hint("bring them to one type, as CAST(... AS utf8)")
}
