using System.Globalization;
using System.Text.RegularExpressions;

namespace MetaMap.Core.Options;

/// <summary>
/// Numbers as people write them. Nothing may stand between thousands, since elsewhere the same sign is for decimals: <c>0,05</c>
/// would be 5.
/// </summary>
public static partial class NumberText
{
    private const string Point = "write a point for decimals and nothing between thousands, such as 0.05 or 1000";

    /// <summary>A text as a number with a decimal point, or without decimals.</summary>
    public static bool TryRead(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>What to write instead of a number with another sign for decimals or with one for thousands; null for any other text.</summary>
    public static string? Advice(string text) => WithSeparators().IsMatch(text) ? Point : null;

    /// <summary>The same for JSON that cannot be read because a number is written so.</summary>
    public static string? AdviceOnJson(string json) => WithCommaInJson().IsMatch(json) ? Point : null;

    [GeneratedRegex(@"^\s*[+-]?\d*([.,' _]\d+)+([eE][+-]?\d+)?\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex WithSeparators();

    [GeneratedRegex(@":\s*[+-]?\d+,\d", RegexOptions.CultureInvariant)]
    private static partial Regex WithCommaInJson();
}
