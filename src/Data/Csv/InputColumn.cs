using MetaMap.Data.Tables;

namespace MetaMap.Data.Csv;

/// <summary>A column of a table as a part of the input vector.</summary>
/// <param name="Index">Of the column.</param>
internal abstract record InputColumn(int Index)
{
    /// <summary>Values in the input vector.</summary>
    public abstract int Length { get; }

    /// <summary>Writes the values of a row, all of which are 0 before.</summary>
    public abstract void Write(string field, Span<float> values);
}

/// <summary>A column of numbers; where some are missing, a second value is 1 for those.</summary>
/// <param name="Index">Of the column.</param>
/// <param name="Numbers">How they are written.</param>
/// <param name="Mean">Of those that are there; null where none is missing.</param>
internal sealed record NumberColumn(int Index, TableNumbers Numbers, double? Mean) : InputColumn(Index)
{
    /// <inheritdoc />
    public override int Length => Mean is null ? 1 : 2;

    /// <inheritdoc />
    public override void Write(string field, Span<float> values)
    {
        bool isThere = Numbers.TryRead(field, out double value);
        values[0] = (float)(isThere ? value : Mean!.Value);
        if (!isThere)
        {
            values[1] = 1;
        }
    }
}

/// <summary>A column of words, each with a value of its own that is 1; a missing word is one of them.</summary>
/// <param name="Index">Of the column.</param>
/// <param name="Words">In ordinal order.</param>
internal sealed record WordColumn(int Index, string[] Words) : InputColumn(Index)
{
    /// <inheritdoc />
    public override int Length => Words.Length;

    /// <inheritdoc />
    public override void Write(string field, Span<float> values) => values[Array.IndexOf(Words, Of(field))] = 1;

    /// <summary>A field as a word.</summary>
    public static string Of(string field) => MissingValue.Is(field) ? "" : field.Trim();
}
