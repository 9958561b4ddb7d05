using System.Text.Json;

namespace ClusterChat.Protocol;

/// <summary>
/// One pass over a line: proves that all of it is JSON that the protocol allows, and notes where the values of the
/// known fields stand. Fields may come in any order, so none is interpreted before all have been seen.
/// </summary>
internal ref struct RequestScanner
{
    /// <summary>Where the values stand.</summary>
    public FieldTable Fields;

    /// <summary>What the first string with a fault contains.</summary>
    public StringFault Fault { get; private set; }

    /// <summary>The field that the fault is in or below; Unknown also where it is in a name.</summary>
    public RequestField FaultyField { get; private set; }

    /// <summary>Reads the whole object.</summary>
    /// <returns>False where the line is JSON but not an object.</returns>
    /// <exception cref="JsonException">It is not one JSON value, or nested too deep.</exception>
    public bool Scan(ReadOnlySpan<byte> line, int maxDepth)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = maxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Accept(ref reader, RequestField.Unknown) ? RequestFields.Find(ref reader) : RequestField.Unknown;
            reader.Read();
            var value = Walk(ref reader, field);
            if (field != RequestField.Unknown)
                Fields[(int)field] = value;
        }

        // Throws where anything but white space follows.
        reader.Read();
        return true;
    }

    /// <summary>Notes the members of an object that <see cref="Scan"/> has accepted as a part of its line.</summary>
    /// <param name="line">The whole line.</param>
    /// <param name="part">Where the object stands.</param>
    public static FieldTable Members(ReadOnlySpan<byte> line, in FieldValue part)
    {
        var scanner = default(RequestScanner);
        scanner.Scan(line.Slice(part.Start, part.Length), maxDepth: int.MaxValue);
        for (var i = 0; i < (int)RequestField.Count; i++)
            scanner.Fields[i] = scanner.Fields[i] with { Start = scanner.Fields[i].Start + part.Start };
        return scanner.Fields;
    }

    private FieldValue Walk(ref Utf8JsonReader reader, RequestField field)
    {
        var kind = reader.TokenType;
        var start = (int)reader.TokenStartIndex;
        if (kind == JsonTokenType.String)
        {
            Accept(ref reader, field);
            return new FieldValue(kind, reader.ValueIsEscaped, start + 1, reader.ValueSpan.Length);
        }

        if (kind is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            var depth = reader.CurrentDepth;
            while (reader.Read() && reader.CurrentDepth > depth)
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    Accept(ref reader, field);
            }

            return new FieldValue(kind, false, start, (int)reader.BytesConsumed - start);
        }

        return new FieldValue(kind, false, start, reader.ValueSpan.Length);
    }

    private bool Accept(ref Utf8JsonReader reader, RequestField field)
    {
        if (!reader.ValueIsEscaped)
            return true;
        var fault = JsonStrings.Check(reader.ValueSpan);
        if (fault == StringFault.None)
            return true;
        if (Fault == StringFault.None)
        {
            Fault = fault;
            FaultyField = field;
        }

        return false;
    }
}
