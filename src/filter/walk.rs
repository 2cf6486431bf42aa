//! Going through an expression: which columns it reads, and putting others in their place, so that a condition may
//! name derived columns.

use std::collections::{BTreeSet, HashMap};

use super::expr::Expr;

impl Expr {
    /// The names of the columns it reads, sorted.
    pub fn columns(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            if let Self::Column(name) = expr {
                names.insert(name.as_str());
            }
            expr.each_operand(|operand| open.push(operand));
        }
        names
    }

    /// Gives each direct operand to `visit`.
    pub(super) fn each_operand<'a>(&'a self, mut visit: impl FnMut(&'a Self)) {
        match self {
            Self::Column(_) | Self::Literal(_) => {}
            Self::Compare { left, right, .. } | Self::Arithmetic { left, right, .. } => {
                visit(left);
                visit(right);
            }
            Self::And(all) | Self::Or(all) | Self::Function { args: all, .. } => all.iter().for_each(visit),
            Self::Not(expr)
            | Self::Like { expr, .. }
            | Self::IsNull { expr, .. }
            | Self::IsTruth { expr, .. }
            | Self::Cast { expr, .. } => visit(expr),
            Self::In { expr, list, .. } => {
                visit(expr);
                list.iter().for_each(visit);
            }
            Self::Between { expr, low, high, .. } => {
                visit(expr);
                visit(low);
                visit(high);
            }
            Self::Case { operand, branches, otherwise } => {
                operand.iter().for_each(|operand| visit(operand));
                for (when, then) in branches {
                    visit(when);
                    visit(then);
                }
                otherwise.iter().for_each(|otherwise| visit(otherwise));
            }
            Self::Lookup { expr, default, .. } => {
                visit(expr);
                default.iter().for_each(|default| visit(default));
            }
        }
    }

    /// The expression with each column that `named` has replaced by what stands there (which is not looked through
    /// again).
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use logarrow::filter::Expr;
    /// let day = Expr::parse("date(time)")?;
    /// let expr = Expr::parse("day = DATE '2026-03-05'")?.replace_columns(&HashMap::from([("day", &day)]));
    /// assert_eq!(expr.columns().into_iter().collect::<Vec<_>>(), ["time"]);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    #[must_use]
    pub fn replace_columns(&self, named: &HashMap<&str, &Self>) -> Self {
        let mut out = self.clone();
        if !named.is_empty() {
            out.replace_in_place(named);
        }
        out
    }

    fn replace_in_place(&mut self, named: &HashMap<&str, &Self>) {
        if let Self::Column(name) = self
            && let Some(expr) = named.get(name.as_str())
        {
            *self = (*expr).clone();
            return;
        }
        self.each_operand_mut(&mut |operand| operand.replace_in_place(named));
    }

    fn each_operand_mut(&mut self, visit: &mut dyn FnMut(&mut Self)) {
        match self {
            Self::Column(_) | Self::Literal(_) => {}
            Self::Compare { left, right, .. } | Self::Arithmetic { left, right, .. } => {
                visit(left);
                visit(right);
            }
            Self::And(all) | Self::Or(all) | Self::Function { args: all, .. } => all.iter_mut().for_each(visit),
            Self::Not(expr)
            | Self::Like { expr, .. }
            | Self::IsNull { expr, .. }
            | Self::IsTruth { expr, .. }
            | Self::Cast { expr, .. } => visit(expr),
            Self::In { expr, list, .. } => {
                visit(expr);
                list.iter_mut().for_each(visit);
            }
            Self::Between { expr, low, high, .. } => [expr, low, high].into_iter().for_each(|operand| visit(operand)),
            Self::Case { operand, branches, otherwise } => {
                operand.iter_mut().for_each(|operand| visit(operand));
                for (when, then) in branches {
                    visit(when);
                    visit(then);
                }
                otherwise.iter_mut().for_each(|operand| visit(operand));
            }
            Self::Lookup { expr, default, .. } => {
                visit(expr);
                default.iter_mut().for_each(|operand| visit(operand));
            }
        }
    }
}
