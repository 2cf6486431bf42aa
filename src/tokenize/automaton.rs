//! Small expressions as automata that are run on a text from its start on, a table look-up a byte.

use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

/// What an automaton finds.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Matches {
    /// Any match.
    All,
    /// The one that the expression prefers.
    Preferred,
}

/// An expression that is run on a text from its start on.
#[derive(Debug)]
pub(super) struct Automaton {
    dfa: Box<dense::DFA<Vec<u32>>>,
    start: StateID,
}

impl Automaton {
    /// Larger ones are left to the engine that builds them as it goes.
    const MAX_BYTES: usize = 1 << 18;

    /// An automaton, if it is small.
    pub(super) fn new(pattern: &str, matches: Matches) -> Option<Self> {
        let limit = Some(Self::MAX_BYTES);
        let kind = if matches == Matches::All { MatchKind::All } else { MatchKind::LeftmostFirst };
        let config = dense::Config::new()
            .match_kind(kind)
            .start_kind(regex_automata::dfa::StartKind::Anchored)
            .dfa_size_limit(limit)
            .determinize_size_limit(limit.map(|limit| 4 * limit));
        let nfa = thompson::Config::new().which_captures(thompson::WhichCaptures::None);
        let dfa = dense::Builder::new().configure(config).thompson(nfa).syntax(syntax::Config::new()).build(pattern);
        let dfa = Box::new(dfa.ok()?);
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        Some(Self { dfa, start })
    }

    /// Whether it matches all of `bytes`; for the preferred match, whether that is all of them.
    #[inline(always)]
    pub(super) fn matches_all(&self, bytes: &[u8]) -> bool {
        let mut state = self.start;
        for byte in bytes {
            state = self.dfa.next_state(state, *byte);
            // Dead, or one that gives up on a byte.
            if self.is_lost(state) {
                return false;
            }
        }
        self.dfa.is_match_state(self.dfa.next_eoi_state(state))
    }

    /// Whether it certainly matches no beginning of a text that begins with `bytes`.
    #[inline(always)]
    pub(super) fn matches_none(&self, bytes: &[u8]) -> bool {
        let mut state = self.start;
        for byte in bytes {
            if self.dfa.is_match_state(state) {
                return false;
            }
            state = self.dfa.next_state(state, *byte);
            if self.dfa.is_dead_state(state) {
                return true;
            }
        }
        false
    }

    #[inline(always)]
    fn is_lost(&self, state: StateID) -> bool {
        self.dfa.is_special_state(state) && (self.dfa.is_dead_state(state) || self.dfa.is_quit_state(state))
    }
}
