//! The expression tree. `build` makes one from code, `sql` from text; `walk` goes through it.

use std::sync::Arc;

use super::tables::LookupTable;

/// A `where` or `derive` expression.
///
/// Built by [`Expr::parse`] or by [`col`](super::col), [`lit`](super::lit) and its methods; printed as SQL that parses
/// back to the same tree. `And` and `Or` hold two operands or more, and none of their own kind: [`Expr::and`] and the
/// parser keep it so.
///
/// ```
/// use logarrow::filter::{Expr, col, lit};
/// let built = col("status").ge(500).and(col("path").like("/api/%"));
/// assert_eq!(built.to_string(), "status >= 500 AND path LIKE '/api/%'");
/// assert_eq!(built, Expr::parse("status >= 500 and path like '/api/%'")?);
/// assert_eq!(built.columns().into_iter().collect::<Vec<_>>(), ["path", "status"]);
/// # let _ = lit(1);
/// # Ok::<(), logarrow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column, by its exact name.
    Column(String),
    /// A constant.
    Literal(Literal),
    /// `left op right`.
    Compare {
        /// The comparison.
        op: CompareOp,
        /// Its left side.
        left: Box<Expr>,
        /// Its right side.
        right: Box<Expr>,
    },
    /// `left op right` on numbers: whole numbers give int64 (division truncates), anything else float64.
    Arithmetic {
        /// The operation.
        op: ArithmeticOp,
        /// Its left side.
        left: Box<Expr>,
        /// Its right side.
        right: Box<Expr>,
    },
    /// True where all are true; false where one is false.
    And(Vec<Expr>),
    /// True where one is true; false where all are false.
    Or(Vec<Expr>),
    /// True where false, false where true.
    Not(Box<Expr>),
    /// `expr [NOT] IN (list)`.
    In {
        /// What is looked for.
        expr: Box<Expr>,
        /// Where; may be empty, which is false for any row.
        list: Vec<Expr>,
        /// `NOT IN`.
        negated: bool,
    },
    /// `expr [NOT] BETWEEN low AND high`, both ends included.
    Between {
        /// What is compared.
        expr: Box<Expr>,
        /// The lower end.
        low: Box<Expr>,
        /// The upper end.
        high: Box<Expr>,
        /// `NOT BETWEEN`.
        negated: bool,
    },
    /// `expr [NOT] LIKE pattern`: `%` is any text, `_` any one character, all else compares bytes.
    Like {
        /// The text.
        expr: Box<Expr>,
        /// The pattern.
        pattern: String,
        /// `NOT LIKE`.
        negated: bool,
        /// `ILIKE`: both sides in lower case.
        ignore_case: bool,
        /// What makes the `%`, `_` or itself after it plain; a backslash unless given, as in Hive, Spark and Redshift.
        escape: Option<char>,
    },
    /// `expr IS [NOT] NULL`, for a column of any type.
    IsNull {
        /// What is tested.
        expr: Box<Expr>,
        /// `IS NOT NULL`.
        negated: bool,
    },
    /// `expr IS [NOT] TRUE` or `FALSE`: never null.
    IsTruth {
        /// The condition.
        expr: Box<Expr>,
        /// Which of the two.
        value: bool,
        /// `IS NOT`.
        negated: bool,
    },
    /// `name(args)`.
    Function {
        /// Which.
        name: Function,
        /// The arguments; their number is checked when binding.
        args: Vec<Expr>,
    },
    /// `CASE [operand] WHEN ... THEN ... [ELSE ...] END`.
    Case {
        /// What each `WHEN` is compared with; without one each `WHEN` is a condition.
        operand: Option<Box<Expr>>,
        /// `WHEN` and `THEN`; the first that is true counts.
        branches: Vec<(Expr, Expr)>,
        /// `ELSE`; null without one.
        otherwise: Option<Box<Expr>>,
    },
    /// `lookup(expr, table [, default])`: code to word; null where the code is null.
    Lookup {
        /// The key.
        expr: Box<Expr>,
        /// Where it is looked up.
        table: TableRef,
        /// What stands for a key the table lacks; null without one.
        default: Option<Box<Expr>>,
    },
    /// `CAST(expr AS to)`: null where the value is none of that type.
    Cast {
        /// What is cast.
        expr: Box<Expr>,
        /// To what.
        to: CastType,
    },
}

/// A constant in an expression. It takes the type of the column it meets when the expression is bound.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `NULL`.
    Null,
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// `'text'`; beside a time, date, duration or number column its text is read as such a value.
    Text(String),
    /// `X'00ff'`.
    Binary(Vec<u8>),
    /// `DATE '2026-03-05'`.
    Date(String),
    /// `TIMESTAMP '2026-03-05 10:00:00+09:00'`; without an offset in the zone of [`Context`](super::Context).
    Timestamp(String),
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them, in the order of documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As it is written in SQL.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

words! {
    /// A comparison.
    CompareOp {
        /// Equal.
        Eq = "=",
        /// Not equal.
        NotEq = "<>",
        /// Less.
        Lt = "<",
        /// Less or equal.
        LtEq = "<=",
        /// Greater.
        Gt = ">",
        /// Greater or equal.
        GtEq = ">=",
    }
}

impl CompareOp {
    /// The comparison that gives the same with the sides exchanged.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::LtEq => Self::GtEq,
            Self::Gt => Self::Lt,
            Self::GtEq => Self::LtEq,
            Self::Eq | Self::NotEq => self,
        }
    }
}

words! {
    /// An operation on numbers.
    ArithmeticOp {
        /// Sum.
        Add = "+",
        /// Difference.
        Sub = "-",
        /// Product.
        Mul = "*",
        /// Quotient; of whole numbers truncated towards zero, null when divided by zero.
        Div = "/",
        /// Remainder, with the sign of the left side; null when divided by zero.
        Rem = "%",
    }
}

words! {
    /// A function of the SQL subset. `lookup` is not among them: it is [`Expr::Lookup`].
    Function {
        /// `starts_with(text, prefix)` to bool.
        StartsWith = "starts_with",
        /// `ends_with(text, suffix)` to bool.
        EndsWith = "ends_with",
        /// `contains(text, part)` to bool.
        Contains = "contains",
        /// `lower(text)`, by Unicode's rules.
        Lower = "lower",
        /// `upper(text)`, by Unicode's rules.
        Upper = "upper",
        /// `length(text)` in characters, int64.
        Length = "length",
        /// `coalesce(a, b, ...)`: the first that is not null.
        Coalesce = "coalesce",
        /// `date(time)` to date32, in the context's zone.
        Date = "date",
        /// `year(time)` to int16, in the context's zone.
        Year = "year",
        /// `month(time)` to int16, from 1, in the context's zone.
        Month = "month",
        /// `day(time)` of the month to int16, from 1, in the context's zone.
        Day = "day",
        /// `hour(time)` to int16, 0 to 23, in the context's zone.
        Hour = "hour",
        /// `minute(time)` to int16, 0 to 59, in the context's zone.
        Minute = "minute",
    }
}

impl Function {
    /// The number of arguments: at least, at most.
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            Self::StartsWith | Self::EndsWith | Self::Contains => (2, 2),
            Self::Coalesce => (1, usize::MAX),
            _ => (1, 1),
        }
    }
}

/// What [`Expr::Cast`] casts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CastType {
    /// `bool`.
    Bool,
    /// `int8`.
    Int8,
    /// `int16`.
    Int16,
    /// `int32`.
    Int32,
    /// `int64`.
    Int64,
    /// `float32`.
    Float32,
    /// `float64`.
    Float64,
    /// `decimal(precision, scale)`.
    Decimal(u8, i8),
    /// `utf8`.
    Utf8,
    /// `date`.
    Date,
    /// `timestamp`: microseconds, UTC.
    Timestamp,
}

/// The table of an [`Expr::Lookup`].
#[derive(Clone, Debug, PartialEq)]
pub enum TableRef {
    /// A table of the [`Context`](super::Context), or a built-in one.
    Named(String),
    /// The table itself; in SQL `MAP {404: 'gone'}`.
    Inline(Arc<LookupTable>),
}
