using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ClusterChat.Protocol;

/// <summary>Where the value of a field stands in its line.</summary>
/// <param name="Kind">Its first token; None for a field that the line does not have.</param>
/// <param name="Escaped">Whether it is a string with escapes.</param>
/// <param name="Start">Its first byte; of a string, the one after the quote.</param>
/// <param name="Length">Its bytes; of a string, those between the quotes.</param>
internal readonly record struct FieldValue(JsonTokenType Kind, bool Escaped, int Start, int Length);

/// <summary>The values of all known fields, by <see cref="RequestField"/>. The last of duplicates counts.</summary>
[InlineArray((int)RequestField.Count)]
internal struct FieldTable
{
    private FieldValue _first;
}
