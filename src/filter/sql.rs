//! SQL text to an expression tree, by `sqlparser`.

use sqlparser::ast::{self, BinaryOperator, Spanned, UnaryOperator, Value};
use sqlparser::dialect::Dialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use super::expr::{ArithmeticOp, CastType, CompareOp, Expr, Function, Literal, TableRef};
use super::tables::{Key, LookupTable};
use crate::error::{quoted, suggest};
use crate::{Error, ErrorKind, Position, Result};

const SUPPORTED: &str = "supported are comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, ILIKE, IS NULL, IS TRUE, CASE, \
    CAST, + - * / % and functions; anything richer belongs to the engine that takes the stream";

/// Operators and names in one expression: chains of them nest in the parser, and 4096 stay clear of the end
/// of a 2 MiB stack (a test tries).
/// Literals, commas and parentheses are not counted, so that an `IN` list may be as long as it likes.
const MAX_TOKENS: usize = 4096;
/// How deep a tree may nest, parsed or built by code.
pub(super) const MAX_DEPTH: usize = 100;

/// Standard SQL with double quotes or backticks around names, and DuckDB's `MAP {key: value}` for tables.
#[derive(Debug)]
struct FilterDialect;

impl Dialect for FilterDialect {
    fn is_identifier_start(&self, c: char) -> bool {
        c.is_alphabetic() || c == '_' || c == '@'
    }

    fn is_identifier_part(&self, c: char) -> bool {
        c.is_alphanumeric() || c == '_' || c == '@'
    }

    fn supports_in_empty_list(&self) -> bool {
        true
    }

    fn support_map_literal_syntax(&self) -> bool {
        true
    }
}

impl Expr {
    /// Parses the text of a `where` or `derive` expression.
    ///
    /// Names are matched as written, and quoted by `"` or a backtick where they are not plain words; texts stand in
    /// single quotes. `==` is `=`, `!=` is `<>`.
    ///
    /// **Errors**: [`ErrorKind::Expression`] with line and column in the text, and a hint.
    ///
    /// ```
    /// use logarrow::filter::Expr;
    /// let kept = Expr::parse("elb_status_code >= 500 AND request_url LIKE '%/api/%'")?;
    /// assert_eq!(kept.columns().len(), 2);
    ///
    /// let err = Expr::parse("lenght(path) > 80").unwrap_err();
    /// assert_eq!(err.to_string(), "expression:1:1: no function is called \"lenght\"\nhint: did you mean \"length\"? \
    ///     functions are starts_with, ends_with, contains, lower, upper, length, coalesce, date, year, month, day, hour, \
    ///     minute, lookup");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let reader = Reader { text };
        let tokens = Tokenizer::new(&FilterDialect, text)
            .tokenize_with_location()
            .map_err(|err| reader.error(err.location, lower_first(&err.message), SUPPORTED))?;
        reader.check_size(&tokens)?;
        let mut parser = Parser::new(&FilterDialect).with_tokens_with_locations(tokens);
        let parsed = parser.parse_expr().map_err(|err| reader.syntax(err))?;
        let next = parser.peek_token();
        if next.token != Token::EOF {
            let message = format!("expected the end of the expression, found {}", shown(&next.token));
            return Err(reader.error(next.span.start, message, SUPPORTED));
        }
        reader.expr(parsed, 0)
    }
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    /// An error at `at`, whose column `sqlparser` counts in characters.
    #[cold]
    fn error(&self, at: Location, message: impl Into<String>, hint: impl Into<String>) -> Error {
        let line = at.line.max(1);
        let before = self.text.lines().nth(line as usize - 1).unwrap_or_default().chars();
        let bytes: usize = before.take(at.column.max(1) as usize - 1).map(char::len_utf8).sum();
        Error::new(ErrorKind::Expression, message).with_hint(hint).with_position(Position {
            source: Some("expression".into()),
            line: Some(line),
            column: Some(bytes as u64 + 1),
            byte: None,
        })
    }

    #[cold]
    fn syntax(&self, err: ParserError) -> Error {
        let (ParserError::TokenizerError(message) | ParserError::ParserError(message)) = err else {
            return self.too_deep(Location::empty());
        };
        let (message, at) = match message.rsplit_once(" at Line: ") {
            Some((message, place)) => {
                let mut numbers = place.split(", Column: ").map(|number| number.parse().unwrap_or(1));
                let (line, column) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
                (message.to_owned(), Location { line, column })
            }
            None => {
                // The parser gives no place for the end of the text.
                let lines = self.text.lines().count().max(1);
                let column = self.text.lines().last().unwrap_or_default().chars().count() + 1;
                (message, Location { line: lines as u64, column: column as u64 })
            }
        };
        let message = message.replace("found: EOF", "found the end").replace("found: ", "found ");
        self.error(at, lower_first(&message.replace("Expected: ", "expected ")), SUPPORTED)
    }

    #[cold]
    fn too_deep(&self, at: Location) -> Error {
        self.error(at, "the expression nests too deeply", "join the parts of a long condition by AND or OR, or use IN")
    }

    #[cold]
    fn unsupported(&self, at: Location, what: &str) -> Error {
        self.error(at, format!("{what} is not supported"), SUPPORTED)
    }

    fn check_size(&self, tokens: &[TokenWithSpan]) -> Result<()> {
        let mut counted = 0;
        for token in tokens {
            match token.token {
                Token::Whitespace(_) | Token::Comma | Token::LParen | Token::RParen => {}
                Token::Number(..) | Token::SingleQuotedString(_) | Token::EOF => {}
                _ => counted += 1,
            }
            if counted > MAX_TOKENS {
                let message = format!("the expression has over {MAX_TOKENS} names and operators");
                return Err(self.error(token.span.start, message, "use IN or lookup() for a long list of values"));
            }
        }
        if tokens.iter().all(|token| matches!(token.token, Token::Whitespace(_) | Token::EOF)) {
            return Err(self.error(Location::empty(), "the expression is empty", "leave it out to keep every row"));
        }
        Ok(())
    }

    fn boxed(&self, expr: ast::Expr, depth: usize) -> Result<Box<Expr>> {
        self.expr(expr, depth).map(Box::new)
    }

    fn expr(&self, expr: ast::Expr, depth: usize) -> Result<Expr> {
        let at = start(&expr);
        if depth > MAX_DEPTH {
            return Err(self.too_deep(at));
        }
        let deeper = depth + 1;
        Ok(match expr {
            ast::Expr::Nested(inner) => self.expr(*inner, depth)?,
            ast::Expr::Identifier(name) => Expr::Column(name.value),
            ast::Expr::CompoundIdentifier(parts) => {
                let name: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
                let hint = format!("to name a column with a dot in its name, quote it: \"{}\"", name.join("."));
                return Err(self.error(at, format!("{} has more than one part", name.join(".")), hint));
            }
            ast::Expr::Value(value) => Expr::Literal(self.literal(value.value, false, at)?),
            ast::Expr::TypedString(typed) => {
                let text = typed.value.value.into_string().unwrap_or_default();
                match typed.data_type.to_string().to_lowercase().as_str() {
                    "date" => Expr::Literal(Literal::Date(text)),
                    "timestamp" | "timestamptz" | "datetime" | "timestamp with time zone" => {
                        Expr::Literal(Literal::Timestamp(text))
                    }
                    other => return Err(self.unsupported(at, &format!("a literal of type {other}"))),
                }
            }
            ast::Expr::BinaryOp { left, op, right } => self.binary(*left, op, *right, at, depth)?,
            ast::Expr::UnaryOp { op: UnaryOperator::Not, expr } => !self.expr(*expr, deeper)?,
            ast::Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.expr(*expr, deeper)?,
            ast::Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match *expr {
                ast::Expr::Value(value) if matches!(value.value, Value::Number(..)) => {
                    Expr::Literal(self.literal(value.value, true, at)?)
                }
                other => Expr::from(0) - self.expr(other, deeper)?,
            },
            ast::Expr::InList { expr, list, negated } => Expr::In {
                expr: self.boxed(*expr, deeper)?,
                list: list.into_iter().map(|item| self.expr(item, deeper)).collect::<Result<_>>()?,
                negated,
            },
            ast::Expr::Between { expr, negated, low, high } => Expr::Between {
                expr: self.boxed(*expr, deeper)?,
                low: self.boxed(*low, deeper)?,
                high: self.boxed(*high, deeper)?,
                negated,
            },
            ast::Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(*expr, *pattern, escape_char, negated, false, deeper)?
            }
            ast::Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                self.like(*expr, *pattern, escape_char, negated, true, deeper)?
            }
            ast::Expr::IsNull(expr) | ast::Expr::IsUnknown(expr) => self.expr(*expr, deeper)?.is_null(),
            ast::Expr::IsNotNull(expr) | ast::Expr::IsNotUnknown(expr) => self.expr(*expr, deeper)?.is_not_null(),
            ast::Expr::IsTrue(expr) => self.truth(*expr, true, false, deeper)?,
            ast::Expr::IsNotTrue(expr) => self.truth(*expr, true, true, deeper)?,
            ast::Expr::IsFalse(expr) => self.truth(*expr, false, false, deeper)?,
            ast::Expr::IsNotFalse(expr) => self.truth(*expr, false, true, deeper)?,
            ast::Expr::Case { operand, conditions, else_result, .. } => Expr::Case {
                operand: operand.map(|operand| self.boxed(*operand, deeper)).transpose()?,
                branches: conditions
                    .into_iter()
                    .map(|when| Ok((self.expr(when.condition, deeper)?, self.expr(when.result, deeper)?)))
                    .collect::<Result<_>>()?,
                otherwise: else_result.map(|otherwise| self.boxed(*otherwise, deeper)).transpose()?,
            },
            ast::Expr::Cast { kind, expr, data_type, format: None } => {
                let to = cast_type(&data_type.to_string()).ok_or_else(|| {
                    self.error(at, format!("no type is called {data_type}"), format!("types are {CAST_TYPES}"))
                })?;
                if kind == ast::CastKind::SafeCast {
                    return Err(self.unsupported(at, "SAFE_CAST"));
                }
                self.expr(*expr, deeper)?.cast(to)
            }
            ast::Expr::Function(function) => self.function(function, at, deeper)?,
            ast::Expr::Subquery(_) | ast::Expr::InSubquery { .. } | ast::Expr::Exists { .. } => {
                return Err(self.unsupported(at, "a subquery"));
            }
            other => {
                let text = other.to_string();
                return Err(self.unsupported(at, &quoted(text.as_bytes())));
            }
        })
    }

    fn truth(&self, expr: ast::Expr, value: bool, negated: bool, depth: usize) -> Result<Expr> {
        Ok(Expr::IsTruth { expr: self.boxed(expr, depth)?, value, negated })
    }

    fn binary(
        &self,
        left: ast::Expr,
        op: BinaryOperator,
        right: ast::Expr,
        at: Location,
        depth: usize,
    ) -> Result<Expr> {
        use BinaryOperator::*;
        let deeper = depth + 1;
        if matches!(op, And | Or) {
            return self.chain(left, op, right, depth);
        }
        let compare = match op {
            Eq => Some(CompareOp::Eq),
            NotEq => Some(CompareOp::NotEq),
            Lt => Some(CompareOp::Lt),
            LtEq => Some(CompareOp::LtEq),
            Gt => Some(CompareOp::Gt),
            GtEq => Some(CompareOp::GtEq),
            _ => None,
        };
        if let Some(op) = compare {
            return Ok(Expr::Compare { op, left: self.boxed(left, deeper)?, right: self.boxed(right, deeper)? });
        }
        let op = match op {
            Plus => ArithmeticOp::Add,
            Minus => ArithmeticOp::Sub,
            Multiply => ArithmeticOp::Mul,
            Divide => ArithmeticOp::Div,
            Modulo => ArithmeticOp::Rem,
            other => return Err(self.unsupported(at, &format!("the operator {other}"))),
        };
        Ok(Expr::Arithmetic { op, left: self.boxed(left, deeper)?, right: self.boxed(right, deeper)? })
    }

    /// `a AND b AND c`, which the parser nests to the left, as one level.
    fn chain(&self, mut left: ast::Expr, op: BinaryOperator, right: ast::Expr, depth: usize) -> Result<Expr> {
        let mut parts = vec![right];
        left = loop {
            match left {
                ast::Expr::BinaryOp { left: first, op: same, right } if same == op => {
                    parts.push(*right);
                    left = *first;
                }
                other => break other,
            }
        };
        parts.push(left);
        let mut parts = parts.into_iter().rev().map(|part| self.expr(part, depth + 1)).collect::<Result<Vec<_>>>()?;
        let first = parts.remove(0);
        Ok(match op {
            BinaryOperator::And => parts.into_iter().fold(first, Expr::and),
            _ => parts.into_iter().fold(first, Expr::or),
        })
    }

    fn like(
        &self,
        expr: ast::Expr,
        pattern: ast::Expr,
        escape: Option<Box<ast::Expr>>,
        negated: bool,
        ignore_case: bool,
        depth: usize,
    ) -> Result<Expr> {
        let at = start(&pattern);
        let hint = "write LIKE 'pattern' with % for any text and _ for any one character";
        let Some(pattern) = text_of(pattern) else {
            return Err(self.error(at, "the pattern of LIKE is not a text in single quotes", hint));
        };
        let escape = match escape {
            None => None,
            Some(escape) => {
                let at = start(&escape);
                let text = text_of(*escape).unwrap_or_default();
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(only), None) => Some(only),
                    _ => return Err(self.error(at, "ESCAPE takes one character in single quotes", "write ESCAPE '!'")),
                }
            }
        };
        Ok(Expr::Like { expr: self.boxed(expr, depth)?, pattern, negated, ignore_case, escape })
    }

    fn function(&self, function: ast::Function, at: Location, depth: usize) -> Result<Expr> {
        let plain = function.filter.is_none()
            && function.over.is_none()
            && function.null_treatment.is_none()
            && function.within_group.is_empty()
            && matches!(function.parameters, ast::FunctionArguments::None);
        let name = function.name.to_string();
        let lower = name.to_lowercase();
        let known = match lower.as_str() {
            "startswith" => Some(Function::StartsWith),
            "endswith" => Some(Function::EndsWith),
            lower => Function::ALL.iter().copied().find(|known| known.as_str() == lower),
        };
        if known.is_none() && lower != "lookup" {
            return Err(self.unknown_function(&name, at));
        }
        let args = match function.args {
            ast::FunctionArguments::List(list) if list.duplicate_treatment.is_none() && list.clauses.is_empty() => {
                list.args
            }
            _ => return Err(self.unsupported(at, &format!("this form of {lower}()"))),
        };
        if !plain {
            return Err(self.unsupported(at, &format!("this form of {lower}()")));
        }
        let args = args
            .into_iter()
            .map(|arg| match arg {
                ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(arg)) => Ok(arg),
                _ => Err(self.unsupported(at, &format!("this form of {lower}()"))),
            })
            .collect::<Result<Vec<_>>>()?;
        let Some(name) = known else { return self.lookup(args, at, depth) };
        let (least, most) = name.arity();
        if !(least..=most).contains(&args.len()) {
            let message = format!("{lower}() takes {}, found {}", arguments(least, most), args.len());
            return Err(self.error(at, message, format!("write {}", usage(name))));
        }
        let args = args.into_iter().map(|arg| self.expr(arg, depth)).collect::<Result<_>>()?;
        Ok(Expr::Function { name, args })
    }

    #[cold]
    fn unknown_function(&self, name: &str, at: Location) -> Error {
        let names: Vec<&str> = Function::ALL.iter().map(|known| known.as_str()).chain(["lookup"]).collect();
        let known = format!("functions are {}", names.join(", "));
        let hint = suggest(name, names, known);
        self.error(at, format!("no function is called {}", quoted(name.as_bytes())), hint)
    }

    fn lookup(&self, args: Vec<ast::Expr>, at: Location, depth: usize) -> Result<Expr> {
        let hint = "write lookup(column, 'table'), lookup(column, MAP {200: 'fine'}), or add a default";
        let found = args.len();
        let mut args = args.into_iter();
        let (Some(key), Some(table), default, None) = (args.next(), args.next(), args.next(), args.next()) else {
            return Err(self.error(at, format!("lookup() takes 2 or 3 arguments, found {found}"), hint));
        };
        let table_at = start(&table);
        let table = match table {
            ast::Expr::Map(map) => {
                let pairs = map
                    .entries
                    .into_iter()
                    .map(|entry| Ok((self.map_key(*entry.key, table_at)?, self.map_word(*entry.value, table_at)?)))
                    .collect::<Result<Vec<_>>>()?;
                let table = LookupTable::from_optional(pairs).map_err(|err| {
                    self.error(table_at, err.message().to_owned(), err.hint().unwrap_or_default().to_owned())
                })?;
                TableRef::Inline(table.into())
            }
            other => match text_of(other) {
                Some(name) => TableRef::Named(name),
                None => return Err(self.error(at, "the table of lookup() is neither a name nor a MAP", hint)),
            },
        };
        Ok(Expr::Lookup {
            expr: self.boxed(key, depth)?,
            table,
            default: default.map(|default| self.boxed(default, depth)).transpose()?,
        })
    }

    fn map_key(&self, key: ast::Expr, at: Location) -> Result<Key> {
        match self.expr(key, MAX_DEPTH)? {
            Expr::Literal(Literal::Int(key)) => Ok(Key::Int(key)),
            Expr::Literal(Literal::Text(key)) => Ok(Key::Text(key)),
            other => Err(self.error(at, format!("{other} is no key"), "keys are whole numbers or texts")),
        }
    }

    fn map_word(&self, word: ast::Expr, at: Location) -> Result<Option<String>> {
        match self.expr(word, MAX_DEPTH)? {
            Expr::Literal(Literal::Text(word)) => Ok(Some(word)),
            Expr::Literal(Literal::Null) => Ok(None),
            other => Err(self.error(at, format!("{other} is no word"), "words are texts in single quotes")),
        }
    }

    fn literal(&self, value: Value, negative: bool, at: Location) -> Result<Literal> {
        Ok(match value {
            Value::Null => Literal::Null,
            Value::Boolean(value) => Literal::Bool(value),
            Value::SingleQuotedString(text) => Literal::Text(text),
            Value::Number(digits, _) => {
                let text = format!("{}{digits}", if negative { "-" } else { "" });
                let whole = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
                match (whole, text.parse(), text.parse::<f64>()) {
                    (true, Ok(value), _) => Literal::Int(value),
                    (false, _, Ok(value)) if value.is_finite() => Literal::Float(value),
                    _ => {
                        let hint = "quote it ('...') to compare it with a decimal column";
                        return Err(self.error(at, format!("the number {text} is out of range"), hint));
                    }
                }
            }
            Value::HexStringLiteral(digits) => {
                let pairs = digits.as_bytes().chunks(2);
                let bytes = pairs.map(|pair| match pair {
                    [_, _] => u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok(),
                    _ => None,
                });
                match bytes.collect() {
                    Some(bytes) => Literal::Binary(bytes),
                    None => {
                        return Err(self.error(
                            at,
                            "X'' holds something else than pairs of hex digits",
                            "write X'00ff'",
                        ));
                    }
                }
            }
            other => return Err(self.unsupported(at, &format!("the literal {other}"))),
        })
    }
}

/// Where an expression starts. `Spanned` would visit all of it, recursively.
fn start(mut expr: &ast::Expr) -> Location {
    loop {
        expr = match expr {
            ast::Expr::BinaryOp { left: first, .. }
            | ast::Expr::Nested(first)
            | ast::Expr::UnaryOp { expr: first, .. }
            | ast::Expr::Cast { expr: first, .. }
            | ast::Expr::InList { expr: first, .. }
            | ast::Expr::InSubquery { expr: first, .. }
            | ast::Expr::Between { expr: first, .. }
            | ast::Expr::Like { expr: first, .. }
            | ast::Expr::ILike { expr: first, .. }
            | ast::Expr::SimilarTo { expr: first, .. }
            | ast::Expr::RLike { expr: first, .. }
            | ast::Expr::Collate { expr: first, .. }
            | ast::Expr::AtTimeZone { timestamp: first, .. }
            | ast::Expr::CompoundFieldAccess { root: first, .. }
            | ast::Expr::IsNull(first)
            | ast::Expr::IsNotNull(first)
            | ast::Expr::IsTrue(first)
            | ast::Expr::IsNotTrue(first)
            | ast::Expr::IsFalse(first)
            | ast::Expr::IsNotFalse(first)
            | ast::Expr::IsUnknown(first)
            | ast::Expr::IsNotUnknown(first)
            | ast::Expr::IsDistinctFrom(first, _)
            | ast::Expr::IsNotDistinctFrom(first, _) => first,
            ast::Expr::Identifier(name) => return name.span.start,
            ast::Expr::CompoundIdentifier(parts) => {
                return parts.first().map_or(Location::empty(), |part| part.span.start);
            }
            ast::Expr::Value(value) => return value.span.start,
            ast::Expr::TypedString(typed) => return typed.value.span.start,
            ast::Expr::Function(function) => return function.name.span().start,
            ast::Expr::Case { case_token, .. } => return case_token.0.span.start,
            _ => return Location::empty(),
        }
    }
}

/// The text of a single-quoted literal.
fn text_of(expr: ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::Value(value) => match value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

const CAST_TYPES: &str = "bool, int8, int16, int32, int64, float32, float64, decimal(p, s), utf8, date, timestamp";

fn cast_type(name: &str) -> Option<CastType> {
    let name: String = name.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(inside) = name.strip_prefix("decimal(").and_then(|rest| rest.strip_suffix(')')) {
        let (precision, scale) = inside.split_once(',').unwrap_or((inside, "0"));
        let (precision, scale): (u8, i8) = (precision.parse().ok()?, scale.parse().ok()?);
        let fits = (1..=38).contains(&precision) && (0..=precision as i8).contains(&scale);
        return fits.then_some(CastType::Decimal(precision, scale));
    }
    Some(match name.as_str() {
        "bool" | "boolean" => CastType::Bool,
        "int8" | "tinyint" => CastType::Int8,
        "int16" | "smallint" => CastType::Int16,
        "int32" | "int" | "integer" => CastType::Int32,
        "int64" | "bigint" => CastType::Int64,
        "float32" | "real" => CastType::Float32,
        "float64" | "double" | "doubleprecision" => CastType::Float64,
        "utf8" | "string" | "text" | "varchar" => CastType::Utf8,
        "date" | "date32" => CastType::Date,
        "timestamp" => CastType::Timestamp,
        _ => return None,
    })
}

/// How a function is called, for hints.
pub(super) fn usage(name: Function) -> String {
    let args = match name {
        Function::StartsWith => "text, 'prefix'",
        Function::EndsWith => "text, 'suffix'",
        Function::Contains => "text, 'part'",
        Function::Lower | Function::Upper | Function::Length => "text",
        Function::Coalesce => "a, b, ...",
        _ => "time",
    };
    format!("{}({args})", name.as_str())
}

/// A number of arguments in words.
pub(super) fn arguments(least: usize, most: usize) -> String {
    match (least, most) {
        (1, 1) => "1 argument".into(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, _) => format!("at least {least} argument"),
    }
}

fn shown(token: &Token) -> String {
    quoted(token.to_string().as_bytes())
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}
