using System.Globalization;
using System.Text.Json;

namespace ClusterChat.Protocol;

/// <summary>
/// Reads typed values out of a scanned object. The first violation is kept and the rest of the reading goes on with
/// neutral values, so that a request is built in one expression and thrown away where <see cref="Error"/> is set.
/// </summary>
internal ref struct FieldReader(ReadOnlySpan<byte> line, FieldTable fields, string prefix)
{
    private readonly ReadOnlySpan<byte> _line = line;
    private FieldTable _fields = fields;

    /// <summary>The first violation; null while there is none.</summary>
    public ProtocolError? Error { get; private set; }

    public string? OptionalString(RequestField field) =>
        OptionalRaw(field, JsonTokenType.String, "a string") is { } value ? JsonStrings.Decode(_line, value) : null;

    public string RequiredString(RequestField field)
    {
        var value = RequiredRaw(field, JsonTokenType.String, "a string");
        return value.Kind == JsonTokenType.String ? JsonStrings.Decode(_line, value) : "";
    }

    public long? OptionalInteger(RequestField field, long min, long max)
    {
        var kind = _fields[(int)field].Kind;
        return kind is JsonTokenType.None or JsonTokenType.Null ? null : RequiredInteger(field, min, max);
    }

    public long RequiredInteger(RequestField field, long min, long max)
    {
        var value = _fields[(int)field];
        if (value.Kind is JsonTokenType.None or JsonTokenType.Null)
        {
            Fail(ErrorCode.BadRequest, field, "is required");
            return min;
        }

        if (value.Kind == JsonTokenType.Number
            && TryReadDigits(_line.Slice(value.Start, value.Length), out var number)
            && number >= min
            && number <= max)
            return number;
        Fail(
            ErrorCode.BadRequest,
            field,
            string.Create(CultureInfo.InvariantCulture, $"must be an integer from {min} to {max}, in plain digits"));
        return min;
    }

    /// <summary>The place of a value; null where the field is absent or null, or of another kind (an error).</summary>
    public FieldValue? OptionalRaw(RequestField field, JsonTokenType kind, string what)
    {
        var value = _fields[(int)field];
        if (value.Kind == kind)
            return value;
        if (value.Kind is not (JsonTokenType.None or JsonTokenType.Null))
            Fail(ErrorCode.BadRequest, field, $"must be {what}");
        return null;
    }

    /// <summary>The place of a value; the default where there is none of the kind (an error).</summary>
    public FieldValue RequiredRaw(RequestField field, JsonTokenType kind, string what)
    {
        if (OptionalRaw(field, kind, what) is { } value)
            return value;
        Fail(ErrorCode.BadRequest, field, "is required");
        return default;
    }

    /// <summary>Keeps the outcome of a check of <see cref="Rules"/>.</summary>
    public void Require(ErrorCode code, RequestField field, string? reason)
    {
        if (reason is not null)
            Fail(code, field, reason);
    }

    public void Fail(ErrorCode code, RequestField field, string reason) =>
        Error ??= new ProtocolError(code, $"{prefix}{RequestFields.Name(field)}: {reason}");

    public void Fail(ProtocolError? error) => Error ??= error;

    /// <summary>Plain digits only. JSON has no leading zeros, so no more than 16 digits are in range.</summary>
    private static bool TryReadDigits(ReadOnlySpan<byte> digits, out long number)
    {
        number = 0;
        if (digits.Length > 16)
            return false;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            number = (number * 10) + (digit - '0');
        }

        return true;
    }
}
