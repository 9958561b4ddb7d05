using System.Globalization;
using System.Text;

namespace ClusterChat.Protocol;

/// <summary>What names have to know of code points, beyond the categories that .NET has.</summary>
internal static class CodePoints
{
    /// <summary>Zero width non-joiner: has its place in Persian and in scripts of India.</summary>
    public const int NonJoiner = 0x200C;

    /// <summary>Zero width joiner: has its place in scripts of India, and makes one emoji of several.</summary>
    public const int Joiner = 0x200D;

    /// <summary>Asks for the coloured form of an emoji.</summary>
    public const int EmojiSelector = 0xFE0F;

    /// <summary>
    /// Takes no ink by itself whatever stands beside it: Default_Ignorable_Code_Point of Unicode 17
    /// (DerivedCoreProperties.txt).
    /// </summary>
    public static bool IsDefaultIgnorable(Rune rune) => rune.Value
        is 0x00AD or 0x034F or 0x061C or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
        or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F)
        or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF or 0xFFA0 or (>= 0xFFF0 and <= 0xFFF8)
        or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE0FFF);

    /// <summary>
    /// Letters and symbols by their category that show nothing, or stand for what could not be shown: the blank Braille
    /// pattern, the null notehead, blank hieroglyphs, the Khitan filler, the object and the replacement character.
    /// </summary>
    public static bool IsBlank(Rune rune) => rune.Value is 0x2800 or 0xFFFC or 0xFFFD or 0x13441 or 0x13442 or 0x16FE4 or 0x1D159;

    /// <summary>Conjoining jamo, which modern Korean has only in decomposed form (OldHangulJamo of RFC 8264, section 9.9).</summary>
    public static bool IsJamo(Rune rune) => rune.Value
        is (>= 0x1100 and <= 0x11FF) or (>= 0xA960 and <= 0xA97C) or (>= 0xD7B0 and <= 0xD7FB);

    /// <summary>Stands above, below or around the character before it.</summary>
    public static bool IsMark(UnicodeCategory category)
        => category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>A letter or mark of a script in which the joiners change what is read: Arabic, and those of India and its neighbours.</summary>
    public static bool IsJoining(Rune rune) => rune.Value
        is (>= 0x0620 and <= 0x06FF) or (>= 0x0700 and <= 0x08FF) or (>= 0x0900 and <= 0x0DFF) or (>= 0x1000 and <= 0x109F)
        or (>= 0x1780 and <= 0x17FF) or (>= 0x1820 and <= 0x18AA) or (>= 0x1B00 and <= 0x1BFF)
        or (>= 0xA800 and <= 0xA82F) or (>= 0xA8E0 and <= 0xA8FF) or (>= 0xA980 and <= 0xA9DF) or (>= 0x11000 and <= 0x11FFF);

    /// <summary>What an emoji can begin or end with: a pictograph, a skin tone.</summary>
    public static bool IsPictograph(Rune rune)
        => rune.Value is (>= 0x1F3FB and <= 0x1F3FF) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherSymbol;

    /// <summary>The one of the three scripts of Europe that look like each other; none for all else.</summary>
    public static EuropeanScript ScriptOf(Rune rune) => rune.Value switch
    {
        (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or 0xAA or 0xBA or (>= 0xC0 and <= 0x2B8) or (>= 0x1D00 and <= 0x1D25)
            or (>= 0x1D2C and <= 0x1D5C) or (>= 0x1D62 and <= 0x1D65) or (>= 0x1D6B and <= 0x1D77) or (>= 0x1D79 and <= 0x1DBE)
            or (>= 0x1E00 and <= 0x1EFF) or (>= 0x2C60 and <= 0x2C7F) or (>= 0xA722 and <= 0xA7FF) or (>= 0xAB30 and <= 0xAB64)
            => EuropeanScript.Latin,
        (>= 0x370 and <= 0x3E1) or (>= 0x3F0 and <= 0x3FF) or (>= 0x1D26 and <= 0x1D2A) or (>= 0x1F00 and <= 0x1FFF) => EuropeanScript.Greek,
        (>= 0x400 and <= 0x52F) or (>= 0x1C80 and <= 0x1C8F) or 0x1D2B or 0x1D78 or (>= 0xA640 and <= 0xA69F) => EuropeanScript.Cyrillic,
        _ => EuropeanScript.None,
    };

    /// <summary>Whether .NET would normalize it rather than throw: no lone surrogates, and not U+FFFE.</summary>
    public static bool CanBeNormalized(ReadOnlySpan<char> text)
    {
        while (true)
        {
            var index = text.IndexOfAnyInRange('\ud800', '\ufffe');
            if (index < 0)
                return true;
            if (char.IsSurrogate(text[index]))
            {
                if (index + 1 >= text.Length || !char.IsSurrogatePair(text[index], text[index + 1]))
                    return false;
                index++;
            }
            else if (text[index] == '\ufffe')
            {
                return false;
            }

            text = text[(index + 1)..];
        }
    }
}
