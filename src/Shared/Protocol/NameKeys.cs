using System.Buffers;
using System.Text;

namespace ClusterChat.Protocol;

/// <summary>
/// What two names of users have in common where people take them for one. They are the same name for whoever asks for one that
/// is taken if one of the keys of one is a key of the other. Keys are compared by code unit, and never shown.
/// </summary>
/// <param name="Folded">
/// The name without regard to case, to compatibility forms and to what takes no ink: the comparison of the Nickname profile,
/// RFC 8266, section 2.4.
/// </param>
/// <param name="Skeleton">
/// The name without regard to which script a shape is from either: the skeleton of Unicode Technical Standard 39, section 4, and lower
/// case after it. Of "Ian" it is that of "lan", but not that of "ian".
/// </param>
public readonly record struct NameKeys(string Folded, string Skeleton)
{
    // Upper case, and the pairs of the standard within ASCII: 0 looks like O; 1, I and | like l; m like rn.
    private static readonly SearchValues<char> Changing = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ01|m");

    /// <summary>The keys of a name, which <see cref="UserNames.Check"/> has let through.</summary>
    public static NameKeys Of(string name)
    {
        if (Ascii.IsValid(name))
        {
            return name.AsSpan().ContainsAny(Changing) ? new(name.ToLowerInvariant(), Lower(name)) : new(name, name);
        }

        var folded = new StringBuilder(name.Length);
        var skeleton = new StringBuilder(name.Length);
        foreach (var rune in name.Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (CodePoints.IsDefaultIgnorable(rune))
            {
                continue;
            }

            folded.Append(rune);
            if (Confusables.Prototype(rune) is { } prototype)
            {
                skeleton.Append(prototype);
            }
            else
            {
                skeleton.Append(rune);
            }
        }

        // Prototypes have marks, which may have to change places with those of the name.
        return new(
            folded.ToString().ToLowerInvariant().Normalize(NormalizationForm.FormKD),
            Lower(skeleton.ToString().Normalize(NormalizationForm.FormD)));
    }

    // The lookalikes of upper case before it is gone; m is one in either case.
    private static string Lower(string skeleton) => skeleton
        .Replace('0', 'O').Replace('1', 'l').Replace('I', 'l').Replace('|', 'l')
        .ToLowerInvariant()
        .Replace("m", "rn", StringComparison.Ordinal);
}
