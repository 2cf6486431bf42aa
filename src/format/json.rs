//! JSON layouts: what a record's members are, and the types of nested columns.

/// Records that are JSON objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Json {
    /// Keys are matched without regard to case (ASCII).
    pub ignore_case: bool,
    /// How values follow one another is found in each source: a line each, one behind the other, in an array, or in an
    /// array under a key.
    pub find_framing: bool,
    /// The columns are found in a sample of the source.
    pub find_columns: bool,
}

/// The type of a value in a JSON layout.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonType {
    /// A text, number, truth value or time: what a column of this type reads from the value's text. `json` is the value as
    /// it is written, whatever it is.
    Scalar(super::TypeSpec),
    /// An object whose keys are known.
    Struct(Vec<Member>),
    /// An array.
    List(Box<JsonType>),
    /// An object whose keys are data.
    Map(Box<JsonType>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its key in the log.
    pub key: String,
    /// Its name in the schema.
    pub name: String,
    /// Its type.
    pub dtype: JsonType,
}

impl JsonType {
    /// Reads a type.
    pub fn parse(spec: &super::TypeSpec) -> crate::error::Result<Self> {
        Ok(Self::Scalar(spec.clone()))
    }
}
