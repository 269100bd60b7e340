using System.Collections.Immutable;
using MetaMap.Core;

namespace MetaMap.Data;

/// <summary>Reads somebody's own examples in the form of the inputs that a model was trained on. Safe for many threads.</summary>
public interface IExampleReader
{
    /// <summary>What it reads one example from.</summary>
    ExampleKind Kind { get; }

    /// <summary>The columns of a row; null where it reads no rows.</summary>
    RowForm? Row => null;

    /// <summary>Reads a file or folder; labels are there where the files have them.</summary>
    /// <exception cref="DataException">It cannot be read, is damaged, or holds no examples.</exception>
    GivenExamples Read(string path);

    /// <summary>Reads one example.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="label">Its label; null where it is not known.</param>
    /// <param name="content">The example.</param>
    /// <exception cref="DataException">It is of another kind than the model reads, or is damaged.</exception>
    GivenExample Read(string name, string? label, ExampleContent content);
}

/// <summary>The kinds of <see cref="ExampleContent"/>.</summary>
public enum ExampleKind
{
    /// <summary>An image file.</summary>
    Image,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A row of a table, or a rating.</summary>
    Row,
}

/// <summary>The columns of rows that a model reads.</summary>
/// <param name="Columns">Names of its inputs.</param>
/// <param name="Target">Name of the column to predict.</param>
/// <param name="IsValue">Whether that holds values in units of the files; otherwise labels.</param>
public sealed record RowForm(ImmutableArray<string> Columns, string Target, bool IsValue);

/// <summary>What somebody gives as an example.</summary>
public abstract record ExampleContent
{
    /// <summary>An image file.</summary>
    /// <param name="File">The whole file.</param>
    public sealed record Image(ReadOnlyMemory<byte> File) : ExampleContent;

    /// <summary>A text.</summary>
    /// <param name="Value">The text.</param>
    public sealed record Text(string Value) : ExampleContent;

    /// <summary>A row of a table, or a rating.</summary>
    /// <param name="Fields">Its fields, by the names of their columns.</param>
    public sealed record Row(ImmutableDictionary<string, string> Fields) : ExampleContent;
}

/// <summary>An example that a model can take.</summary>
/// <param name="Name">The file, relative to what was read, the line, or what the giver calls it.</param>
/// <param name="Label">Its label; null where it is not known.</param>
/// <param name="Input">The input, in the model's own form.</param>
/// <param name="Values">Values to predict, in the units of the files; empty where they are not known, or for classification.</param>
public sealed record GivenExample(string Name, string? Label, float[] Input, float[] Values);

/// <summary>Examples that were read.</summary>
/// <param name="Examples">In the order of their names or lines.</param>
/// <param name="Notices">Lines about what was left out or guessed.</param>
public sealed record GivenExamples(ImmutableArray<GivenExample> Examples, ImmutableArray<string> Notices);
