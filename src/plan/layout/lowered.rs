//! A lowered expression to a delimiter program.

use super::Captures;
use crate::format::Regexes;
use crate::lower::{self, Inner, Step};
use crate::tokenize::{Branch, Class, Holds, Lowered, LoweredPart, Op, Program, Rules};

/// The program that stands for the first of `regexes` where it fits, or why there is none.
pub(super) fn program(regexes: &Regexes, rules: &Rules, captures: &Captures) -> Result<Lowered, &'static str> {
    if rules.extra {
        return Err("the text behind the match is asked for");
    }
    let pattern = regexes.patterns.first().ok_or("there is none")?;
    let lowered = lower::lower(pattern, regexes.anchored)?;
    let index_of = |name: &str| {
        let base = name.split('[').next().unwrap_or(name);
        captures.captures.iter().position(|(known, _)| known == base)
    };
    // The expression's captures, then one for each element that is none, and one for what is behind the match.
    let mut count = captures.captures.len();
    let mut numbers = Vec::with_capacity(lowered.elements.len());
    let mut elements = Vec::with_capacity(lowered.elements.len());
    for element in lowered.elements {
        let number = element.name.as_deref().and_then(index_of).unwrap_or_else(|| {
            count += 1;
            count - 1
        });
        numbers.push(number);
        let outer = element.outer.and_then(|own| Some((index_of(&own.name)? as u16, own.before, own.behind)));
        let holds = holds(element.holds, &index_of);
        elements.push(LoweredPart { capture: number as u16, outer, unlike: element.unlike, holds });
    }
    let ways = lowered.ways.iter().map(|way| way.iter().map(|step| op(step, &numbers, count)).collect());
    let program = Program {
        alternatives: ways.collect(),
        captures: count + 1,
        escapes: false,
        separator: b' ',
        rules: rules.clone(),
    };
    // Rows of another expression have their captures in other places.
    let is_whole = lowered.is_whole && regexes.patterns.len() == 1;
    // Another expression may match what lacks them.
    let required = if regexes.patterns.len() == 1 { lowered.required } else { Vec::new() };
    Ok(Lowered::new(program, elements, is_whole)?.with_required(required))
}

fn holds(holds: lower::Holds, index_of: &dyn Fn(&str) -> Option<usize>) -> Holds {
    match holds {
        lower::Holds::Bytes { set, min, max } => Holds::Bytes { set: set.bytes().collect(), min, max },
        lower::Holds::Language { pattern, names, any_of, prefix } => {
            let groups = names.into_iter().filter_map(|name| index_of(&name).map(|index| (name, index as u16)));
            Holds::Language { pattern, groups: groups.collect(), any_of: any_of.bytes().collect(), prefix }
        }
        lower::Holds::Branches { branches, prefix } => {
            let branch = |own: lower::Branch| Branch {
                capture: own.name.as_deref().and_then(index_of).map(|index| index as u16),
                pattern: own.pattern,
                literal: own.literal,
                any_of: own.any_of.bytes().collect(),
            };
            Holds::Branches { branches: branches.into_iter().map(branch).collect(), prefix }
        }
    }
}

fn op(step: &Step, numbers: &[usize], rest: usize) -> Op {
    let escapes = matches!(step, Step::Element { inner: Inner::Escaped, .. });
    let capture = |index: usize, class| Op::Capture { index: index as u16, class, escapes, lead: None };
    match step {
        Step::Literal(bytes) => Op::Literal(bytes.as_slice().into()),
        Step::Rest => capture(rest, Class::Any),
        Step::Element { index, inner } => capture(
            numbers[*index],
            match inner {
                Inner::Any | Inner::Quoted | Inner::Escaped => Class::Any,
                Inner::Spaces(0) => Class::Word,
                Inner::Spaces(count) => Class::Spaces(*count),
            },
        ),
    }
}
