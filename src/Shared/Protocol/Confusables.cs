using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ClusterChat.Protocol;

/// <summary>
/// Letters and digits that look like others, each with what stands for all of its kind. The pairs are from
/// <c>confusables.txt</c> of Unicode Technical Standard 39, version 17 (2025-07-22, Unicode License v3), of which there is what can
/// pass for letters and digits of ASCII, whatever its script, and what Latin, Greek and Cyrillic have in common. What
/// compatibility decomposition takes apart is left out, since that comes first; and the pairs within ASCII stand in
/// <see cref="NameKeys"/>, so that names of ASCII do without the table.
/// </summary>
internal static class Confusables
{
    // What stands for them, a space, and those that look like it; parted by " | ".
    private static readonly string[] Rows =
    [
        "! ǃ",
        "& \ua778",
        "' \ua78c",
        "2 Ƨ\u03e8\u14bf\ua644\ua6ef\ua75a",
        "3 ƷȜЗӠ\u0969\u0ae9\u2c9c\u2cc4\u2ccc\ua76a\ua7ab\U000118ca\U00016f3b",
        "4 \u13ce\U000118af",
        "5 Ƽ\U000118bb",
        "6 \u03ecб\u13ee\u2cd2\u2cd3\u2cdc\U000118d5",
        "7 \U000104d2\U000118c6",
        "8 Ȣȣ\u09ea\u0a6a\U0001031a\U0001e8cb",
        "9 \u09ed\u0a67\u0b68\u0d6d\u2cca\u2ccb\ua76e\U000118ac\U000118cc\U000118d6",
        "? Ɂʔ",
        "A ΑА\u13aa\u15c5\ua4ee\U000102a0\U00016f40",
        "B ΒВ\u13f4\u15f7\u2c82\ua4d0\ua7b4\U00010282\U000102a1\U00010301",
        "C С\u13df\u2ca4\ua4da\U000102a2\U00010302\U00010415\U0001051c\U000118e9\U000118f2",
        "D \u13a0\u15de\u15ea\ua4d3",
        "E ΕЕ\u13ac\u2d39\ua4f0\U00010286\U000118a6\U000118ae",
        "F Ϝ\u15b4\ua4dd\ua798\U00010287\U000102a5\U00010525\U000118a2\U000118c2",
        "G Ԍ\u13c0\u13f3\ua4d6",
        "H ΗН\u13bb\u157c\u2c8e\ua4e7\U000102cf",
        "J ͿЈ\u13ab\u148d\ua4d9\ua7b2",
        "K ΚК\u13e6\u16d5\u2c94\ua4d7\U00010518",
        "L \u13de\u14aa\u2cd0\ua4e1\U0001041b\U00010526\U000118a3\U000118b2\U00016f16",
        "M ΜϺМ\u13b7\u15f0\u16d6\u2c98\ua4df\U000102b0\U00010311",
        "N Ν\u2c9a\ua4e0\U00010513",
        "O ΟО\u0555\u07c0\u0b20\u0ce6\u12d0\u2c9e\u2d54\u3007\ua4f3\U00010292\U000102ab\U00010404\U000104c2\U00010516\U000118b5",
        "O \U000118e0",
        "P ΡР\u13e2\u146d\u2ca2\u2cce\ua4d1\U00010295",
        "Q \u2d55",
        "R Ʀ\u13a1\u13d2\u1587\ua4e3\U000104b4\U00016f35",
        "S Ѕ\u054f\u13d5\u13da\ua4e2\U00010296\U00010420\U00016f3a",
        "T ΤТ\u13a2\u2ca6\ua4d4\U00010297\U000102b1\U00010315\U000118bc\U00016f0a",
        "U \u054d\u1200\u144c\ua4f4\U000104ce\U000118b8\U00016f42",
        "V Ѵ\u0667\u06f7\u13d9\u142f\u2d38\ua4e6\ua6df\U0001051d\U000118a0\U00016f08",
        "W Ԝ\u13b3\u13d4\ua4ea\U000118e6\U000118ef",
        "X ΧХ\u16b7\u2cac\u2d5d\ua4eb\ua7b3\U00010290\U000102b4\U00010317\U00010322\U00010527\U000118ec",
        "Y ΥУҮ\u13a9\u13bd\u2ca8\ua4ec\U000102b2\U000118a4\U00016f43",
        "Z Ζ\u13c3\ua4dc\U000102f5\U000118a9\U000118e5",
        "a ɑαа",
        "b ƄЬ\u13cf\u1472\u15af",
        "c с\u1004\u105aᴄ\u2ca5\uabaf\U0001043d",
        "d ԁ\u13e7\u146f\ua4d2",
        "e еҽ\uab32",
        "f ƒ\u0584ẝ\ua799\uab35",
        "g ƍɡ\u0581ᶃ",
        "h һ\u0570\u13c2",
        "i ıɩɪιі\u0582\u13a5\u2c93\ua647\uab75\U000118c3",
        "j ϳј",
        "l ƖǀΙІӀӏ\u05d5\u05df\u0627\u0661\u06f1\u07ca\u16c1\u2c92\u2d4f\ua4f2\U0001028a\U00010309\U00010320\U00016f28\U0001e8c7",
        "n \u0578\u057c",
        "o οσ\u03edо\u0585\u05e1\u0647\u0665\u06be\u06c1\u06d5\u06f5\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0d20\u0d66",
        "o \u0e50\u0ed0\u101d\u1040\u10ff\u17e0ᴏᴑ\u2c9f\uab3d\U0001042c\U000104ea\U000114d0\U000118c8\U000118d7",
        "p þƿρϸр\u2ca3\u2ccf",
        "q ԛ\u0563\u0566",
        "r гᴦ\u2c85\uab47\uab48\uab81",
        "s ƽѕ\u0d1f\ua731\uabaa\U00010448\U000118c1",
        "u ʋυ\u057dᴜ\ua79f\uab4e\uab52\U000104f6\U000118d8",
        "v νѵ\u05d8ᴠ\uaba9\U00011706\U000118c0",
        "w ɯшѡԝ\u0561ᴡ\u2cbd\uab83\U0001170a\U0001170e\U0001170f",
        "x х\u1541\u157d",
        "y ɣʏγуү\u10e7ᶌỿ\u2ca9\uab5a\U000118dc",
        "z ᴢ\uab93\U000118c4",
        "'B Ɓ | 'D Ɗ | 'P Ƥ | 'T Ƭ | 'Y Ƴ | AA \ua732 | AE ÆӔ | AO \ua734 | AU \ua736 | AV \ua738\ua73a | AY \ua73c | C' Ƈ",
        "G' Ɠ | K' Ƙ | OE Œ | OO \ua698\ua74e | T3 \ua728 | aa \ua733 | ae æӕ | ao \ua735 | au \ua737 | av \ua739\ua73b",
        "ay \ua73d | bl Ы | dz ʣ | lO Ю | ll ǁ\u05f0 | ls ʪ | lz ʫ | oe œ | oo \ua699\ua74f | r' ґ | rn \U00011700\U000118e3",
        "tf \ua777 | ts ʦ | ue ᵫ | uo \uab63 | Þ Ϸ | ß βẞ\ua7b5\ua7d6 | ĸ κкᴋ | ƅ ь | Ɔ Ͻ | Ə Ә | Ɛ Ԑ | ƨ ᴤ\ua645 | Ʃ Σ | ǝ əә",
        "Ƕ Ԋ | ȝ ʒӡ\ua76b | Ʌ ΛЛ | ɋ ᶐ | ɔ ͻᴐↄ | ɜ зᴈ | ɢ ԍ | ɸ φф | ʃ \uab4d | ʌ ᴧ | ʍ мᴍ | ʘ \ua668 | ʙ в | ʚ \ua79d | ʜ н",
        "Γ Г | Π П | Φ Ф | Ψ Ѱ | π пᴨ | ς ϛ | χ \uab53\uab55 | ψ ѱ | ω \ua64d\ua7b7 | И Ͷ | л ᴫ | љ \uab60 | Ҷ Ӌ | ҷ ӌ | ᴎ ͷи",
        "ᴘ ᴩ | ᴙ я | ᴛ τт | ẟ δ | Ⱶ Ͱ | \ua64c \ua7b6 | \ua727 \ua795 | \ua73e Ͽ | \ua73f ͽ | \ua779 \ua77a | \ua792 Є",
        "\ua793 ɛεєԑ | 2\u0335 ƻ | 3\u0326 Ҙ | C\u0326 Ҫ | D\u0335 ÐĐƉ | E\u0338 Ɇ | F\u0326 Ƒ | G\u0335 Ǥ | H\u0326 ӇӉ",
        "H\u0329 ҢⱧ | H\u0335 Ħ | J\u0335 Ɉ | K\u0329 ҚⱩ | K\u0335 Ҟ\ua740 | L\u0338 Ł | M\u0326 Ӎ | N\u0326 Ɲ",
        "O\u0335 ƟΘθѲӨ\ua74a | O\u0338 Ø | T\u0328 Ʈ | T\u0329 Ҭ | T\u0335 Ŧ | T\u0338 Ⱦ | U\u0335 Ʉ | X\u0329 Ҳ | Y\u0335 ɎҰ",
        "Z\u0326 Ȥ | Z\u0335 Ƶ | b\u0304 ƂƃБ | b\u0314 ɓ | b\u0335 ƀѢѣҌҍ | c\u0326 ҫ | c\u0338 ȼ | dȝ ʤ | dʑ ʥ | d\u0304 ƌ",
        "d\u0314 ɗ | d\u0328 ɖ | d\u0335 đ | e\u0328 ҿ | e\u0338 ɇ | f\u0334 ᵮ | g\u0314 ɠ | g\u0335 ǥ | h\u0314 ɦ\ua695",
        "h\u0335 ħћ | i\u0335 ɨᵻᵼ | j\u0335 ɉ | k\u0314 ƙ | lȝ ɮ | l\u0328 ɭ | l\u0334 ɫ | l\u0335 Ɨƚ | l\u0338 ł | n\u0328 ɳ",
        "n\u0329 ŋƞη | n\u0334 ᵰ | o\u0335 ɵѳө\ua74b | o\u0338 ø\uab3e | oᴇ ɶ | p\u0314 ƥ | p\u0335 ᵽ | q\u0314 ʠ | r\u0328 ɽ",
        "r\u0329 ɼ | r\u0334 ᵲ | r\u0335 ɍғ | s\u0328 ʂ | s\u0334 ᵴ | tȝ \ua729 | tɕ ʨ | tʃ ʧ | t\u0314 ƭ | t\u0334 ᵵ",
        "t\u0335 ŧ | u\u0329 џ | u\u0335 ᵾ | w\u0326 \ua761 | y\u0314 ƴ | y\u0335 ɏұ | z\u0326 ȥ | z\u0328 ʐ | z\u0334 ᵶ",
        "z\u0335 ƶ | ĸ\u0329 қ | ĸ\u0335 ҟ | ƅi ы | ǝo ᴔ | Ʌ\u0326 Ӆ | ɔe \uab62 | ɔ\u0338 \uab3f | ɜ\u0326 ҙ | ɾ\u0334 ᵳ",
        "ʊ\u0335 ᵿ | ʍ\u0326 ӎ | ʜ\u0326 ӈӊ | ʜ\u0329 ң | Γ' Ґ | Γ\u0335 Ғ | λ\u0338 ƛ | Ж\u0329 Җ | Ъl \ua650 | ж\u0329 җ",
        "л\u0326 ӆ | Ҽ\u0328 Ҿ | ᴛ\u0329 ҭ | fn\u0329 ʩ | rn\u0326 ɱ | rn\u0334 ᵯ | w\u0486\u0487 ѽ | ǝo\u0335 \uab42",
        "ǝo\u0338 \uab41 | И\u0326\u0300 Ҋ | и\u0326\u0306 ҋ | Ѡ\u0486\u0487 Ѽ",
    ];

    private static readonly FrozenDictionary<int, string> Prototypes = Read();

    /// <summary>What stands for a code point; null where it looks like none of these.</summary>
    public static string? Prototype(Rune rune) => Prototypes.GetValueOrDefault(rune.Value);

    /// <summary>All of them, for tests.</summary>
    internal static IEnumerable<(Rune Source, string Prototype)> All => Prototypes.OrderBy(p => p.Key).Select(p => (new Rune(p.Key), p.Value));

    private static FrozenDictionary<int, string> Read() => Rows
        .SelectMany(row => row.Split(" | "))
        .Select(kind => kind.Split(' '))
        .SelectMany(kind => kind[1].EnumerateRunes().Select(source => KeyValuePair.Create(source.Value, kind[0])))
        .ToFrozenDictionary();
}
