//! Expressions built from code: `col("status").ge(500)`.

use super::expr::{ArithmeticOp, CastType, CompareOp, Expr, Function, Literal, TableRef};

/// The column called `name`.
///
/// ```
/// assert_eq!(logarrow::filter::col("status").gt(499).to_string(), "status > 499");
/// ```
pub fn col(name: impl Into<String>) -> Expr {
    Expr::Column(name.into())
}

/// A constant: a bool, a number, a text, bytes, `None`, or a [`Literal`].
///
/// ```
/// assert_eq!(logarrow::filter::lit("it's").to_string(), "'it''s'");
/// ```
pub fn lit(value: impl Into<Literal>) -> Expr {
    Expr::Literal(value.into())
}

/// The word `table` has for the code `key`.
///
/// ```
/// use std::sync::Arc;
/// use logarrow::filter::{LookupTable, TableRef, col, lookup};
/// let words = LookupTable::from_pairs([(404, "gone")])?;
/// let word = lookup(col("status"), TableRef::Inline(Arc::new(words)));
/// assert_eq!(word.to_string(), "lookup(status, MAP {404: 'gone'})");
/// # Ok::<(), logarrow::Error>(())
/// ```
pub fn lookup(key: impl Into<Expr>, table: TableRef) -> Expr {
    Expr::Lookup { expr: boxed(key), table, default: None }
}

fn boxed(expr: impl Into<Expr>) -> Box<Expr> {
    Box::new(expr.into())
}

impl Expr {
    fn compare(self, op: CompareOp, other: impl Into<Expr>) -> Self {
        Self::Compare { op, left: Box::new(self), right: boxed(other) }
    }

    fn arithmetic(self, op: ArithmeticOp, other: Self) -> Self {
        Self::Arithmetic { op, left: Box::new(self), right: Box::new(other) }
    }

    /// `self = other`.
    pub fn eq(self, other: impl Into<Self>) -> Self {
        self.compare(CompareOp::Eq, other)
    }

    /// `self <> other`.
    pub fn ne(self, other: impl Into<Self>) -> Self {
        self.compare(CompareOp::NotEq, other)
    }

    /// `self < other`.
    pub fn lt(self, other: impl Into<Self>) -> Self {
        self.compare(CompareOp::Lt, other)
    }

    /// `self <= other`.
    pub fn le(self, other: impl Into<Self>) -> Self {
        self.compare(CompareOp::LtEq, other)
    }

    /// `self > other`.
    pub fn gt(self, other: impl Into<Self>) -> Self {
        self.compare(CompareOp::Gt, other)
    }

    /// `self >= other`.
    pub fn ge(self, other: impl Into<Self>) -> Self {
        self.compare(CompareOp::GtEq, other)
    }

    /// `self AND other`; nested ones are joined.
    pub fn and(self, other: impl Into<Self>) -> Self {
        let mut all = match self {
            Self::And(all) => all,
            one => vec![one],
        };
        match other.into() {
            Self::And(more) => all.extend(more),
            one => all.push(one),
        }
        Self::And(all)
    }

    /// `self OR other`; nested ones are joined.
    pub fn or(self, other: impl Into<Self>) -> Self {
        let mut all = match self {
            Self::Or(all) => all,
            one => vec![one],
        };
        match other.into() {
            Self::Or(more) => all.extend(more),
            one => all.push(one),
        }
        Self::Or(all)
    }

    /// `self IN (list)`.
    pub fn is_in<E: Into<Self>>(self, list: impl IntoIterator<Item = E>) -> Self {
        Self::In { expr: Box::new(self), list: list.into_iter().map(Into::into).collect(), negated: false }
    }

    /// `self BETWEEN low AND high`.
    pub fn between(self, low: impl Into<Self>, high: impl Into<Self>) -> Self {
        Self::Between { expr: Box::new(self), low: boxed(low), high: boxed(high), negated: false }
    }

    /// `self LIKE pattern`.
    pub fn like(self, pattern: impl Into<String>) -> Self {
        Self::Like { expr: Box::new(self), pattern: pattern.into(), negated: false, ignore_case: false, escape: None }
    }

    /// `self ILIKE pattern`.
    pub fn ilike(self, pattern: impl Into<String>) -> Self {
        Self::Like { expr: Box::new(self), pattern: pattern.into(), negated: false, ignore_case: true, escape: None }
    }

    /// `self IS NULL`.
    pub fn is_null(self) -> Self {
        Self::IsNull { expr: Box::new(self), negated: false }
    }

    /// `self IS NOT NULL`.
    pub fn is_not_null(self) -> Self {
        Self::IsNull { expr: Box::new(self), negated: true }
    }

    /// `CAST(self AS to)`.
    pub fn cast(self, to: CastType) -> Self {
        Self::Cast { expr: Box::new(self), to }
    }

    /// `name(self, more...)`.
    ///
    /// ```
    /// use logarrow::filter::{Function, col, lit};
    /// let api = col("path").call(Function::StartsWith, [lit("/api/")]);
    /// assert_eq!(api.to_string(), "starts_with(path, '/api/')");
    /// ```
    pub fn call(self, name: Function, more: impl IntoIterator<Item = Self>) -> Self {
        Self::Function { name, args: std::iter::once(self).chain(more).collect() }
    }
}

macro_rules! operators {
    ($($name:ident $method:ident $op:ident,)*) => {$(
        impl<E: Into<Expr>> std::ops::$name<E> for Expr {
            type Output = Expr;

            fn $method(self, other: E) -> Expr {
                self.arithmetic(ArithmeticOp::$op, other.into())
            }
        }
    )*};
}
operators! { Add add Add, Sub sub Sub, Mul mul Mul, Div div Div, Rem rem Rem, }

impl std::ops::Not for Expr {
    type Output = Self;

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

macro_rules! literals {
    ($($from:ty => |$value:ident| $literal:expr,)*) => {$(
        impl From<$from> for Literal {
            fn from($value: $from) -> Self {
                $literal
            }
        }

        impl From<$from> for Expr {
            fn from(value: $from) -> Self {
                Self::Literal(value.into())
            }
        }
    )*};
}
literals! {
    bool => |value| Self::Bool(value),
    i32 => |value| Self::Int(value.into()),
    i64 => |value| Self::Int(value),
    f64 => |value| Self::Float(value),
    &str => |value| Self::Text(value.to_owned()),
    String => |value| Self::Text(value),
    &[u8] => |value| Self::Binary(value.to_vec()),
}

impl<T: Into<Literal>> From<Option<T>> for Literal {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<Literal> for Expr {
    fn from(value: Literal) -> Self {
        Self::Literal(value)
    }
}
