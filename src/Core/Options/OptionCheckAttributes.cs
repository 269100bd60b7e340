using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace MetaMap.Core.Options;

/// <summary>A limit on the value of an option, with a readable error message. Absent values pass.</summary>
public abstract class OptionCheckAttribute : ValidationAttribute
{
    /// <summary>What the value must be, as the end of the error message; null when the value is allowed.</summary>
    /// <param name="value">An integer or a floating-point number as <see cref="double"/>, or a text.</param>
    /// <param name="isWhole">Whether the option is of an integer type.</param>
    protected abstract string? MustBe(object value, bool isWhole);

    /// <summary>What a number must be that no float32 can hold; null for any other.</summary>
    private protected static string? TooLarge(double number) => float.IsFinite((float)number) ? null : "3.4E+38 or less, the largest number in float32, in which it is computed";

    /// <summary>The whole error message.</summary>
    /// <param name="flag">The option, e.g. <c>--ways</c>.</param>
    /// <param name="value">Its value.</param>
    /// <param name="mustBe">What it must be.</param>
    protected virtual string Sentence(string flag, object value, string mustBe) =>
        string.Create(CultureInfo.InvariantCulture, $"{flag} is {value}, but it must be {mustBe}.");

    /// <inheritdoc />
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is null)
        {
            return ValidationResult.Success;
        }

        bool isWhole = value is int or long;
        return MustBe(isWhole ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : value, isWhole) is { } mustBe
            ? new ValidationResult(Sentence(validationContext.DisplayName, value, mustBe)) : ValidationResult.Success;
    }
}

/// <summary>The value is finite and not below a limit.</summary>
/// <param name="least">The limit, allowed itself.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AtLeastAttribute(double least) : OptionCheckAttribute
{
    /// <summary>The limit, allowed itself.</summary>
    public double Least => least;

    /// <inheritdoc />
    protected override string? MustBe(object value, bool isWhole) => value is not double number ? null
        : !(double.IsFinite(number) && number >= least) ? string.Create(CultureInfo.InvariantCulture, $"{(isWhole ? "" : "a finite number of ")}{least} or more")
        : isWhole ? null : TooLarge(number);
}

/// <summary>The value is not above a limit.</summary>
/// <param name="most">The limit, allowed itself.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AtMostAttribute(double most) : OptionCheckAttribute
{
    /// <summary>The limit, allowed itself.</summary>
    public double Most => most;

    /// <inheritdoc />
    protected override string? MustBe(object value, bool isWhole) =>
        value is double number && number > most ? string.Create(CultureInfo.InvariantCulture, $"{most} or less") : null;
}

/// <summary>The value is finite and above a limit.</summary>
/// <param name="limit">The limit, not allowed itself.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AboveAttribute(double limit) : OptionCheckAttribute
{
    /// <summary>The limit, not allowed itself.</summary>
    public double Limit => limit;

    /// <inheritdoc />
    protected override string? MustBe(object value, bool isWhole) => value is not double number ? null
        : !(double.IsFinite(number) && number > limit) ? string.Create(CultureInfo.InvariantCulture, $"a finite number above {limit}")
        : isWhole ? null
        : limit == 0 && (float)number == 0 ? "1E-45 or more, the smallest number above 0 in float32, in which it is computed" : TooLarge(number);
}

/// <summary>The value is below a limit.</summary>
/// <param name="limit">The limit, not allowed itself.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BelowAttribute(double limit) : OptionCheckAttribute
{
    /// <summary>The limit, not allowed itself.</summary>
    public double Limit => limit;

    /// <inheritdoc />
    protected override string? MustBe(object value, bool isWhole) =>
        value is double number && number >= limit ? string.Create(CultureInfo.InvariantCulture, $"below {limit}") : null;
}

/// <summary>The value is one of a few words.</summary>
/// <param name="words">The words.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneOfAttribute(params string[] words) : OptionCheckAttribute
{
    /// <summary>The words.</summary>
    public IReadOnlyList<string> Words => words;

    /// <inheritdoc />
    protected override string? MustBe(object value, bool isWhole) => value is string word && !words.Contains(word) ? string.Join(", ", words) : null;

    /// <inheritdoc />
    protected override string Sentence(string flag, object value, string mustBe) =>
        $"There is no {flag.TrimStart('-')} '{value}'; choose one of {mustBe}.{Spelling.Question((string)value, words)}";
}

/// <summary>The value is a list of some of a few words, separated by commas.</summary>
/// <param name="words">The words.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SomeOfAttribute(params string[] words) : OptionCheckAttribute
{
    /// <summary>The words of a list, in its order.</summary>
    public static string[] Words(string list) => list.Split(',', StringSplitOptions.TrimEntries);

    /// <inheritdoc />
    protected override string? MustBe(object value, bool isWhole) =>
        value is string list && !(Words(list) is var some && some.All(words.Contains) && some.Distinct().Count() == some.Length)
            ? $"some of {string.Join(", ", words)}, each once, separated by commas" : null;

    /// <inheritdoc />
    protected override string Sentence(string flag, object value, string mustBe) => $"{flag} is '{value}', but it must be {mustBe}.";
}

/// <summary>The value is one of a few words, or a whole number from 1.</summary>
/// <param name="words">The words.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WordOrCountAttribute(params string[] words) : OptionCheckAttribute
{
    /// <summary>The words.</summary>
    public IReadOnlyList<string> Words => words;

    /// <inheritdoc />
    protected override string? MustBe(object value, bool isWhole) =>
        value is string text && !words.Contains(text) && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1)
            ? $"{string.Join(", ", words)} or a whole number from 1" : null;
}
