using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Tables;

/// <summary>Reads somebody's own rows: those of a file, or one row with the names of its fields.</summary>
/// <param name="dataset">Name of the dataset that the model was trained on.</param>
/// <param name="expected">What to give.</param>
internal abstract class RowExamples(string dataset, string expected) : IExampleReader
{
    /// <inheritdoc />
    public ExampleKind Kind => ExampleKind.Row;

    /// <inheritdoc />
    public abstract RowForm Row { get; }

    /// <inheritdoc />
    public GivenExamples Read(string path)
    {
        var listed = RowFiles.List(dataset, path, expected);
        return listed.Paths is [var file] ? Of(TableFile.Read(file)) : throw new DataException($"{path} holds {listed.Paths.Length} files of rows: pass one of them");
    }

    /// <inheritdoc />
    public GivenExample Read(string name, string? label, ExampleContent content) => content is ExampleContent.Row { Fields: { IsEmpty: false } fields }
        ? Named(name, label, Of(new TableFile(name, [], [new TableRow(1, [.. fields.Values])]) { Names = [.. fields.Keys], Unit = "row" }).Examples[0])
        : throw new DataException($"{name} is no row, but the model reads rows of {dataset}: give {expected}");

    private static GivenExample Named(string name, string? label, GivenExample example) => example with { Name = name, Label = label ?? example.Label };

    /// <summary>The examples of a file.</summary>
    protected abstract GivenExamples Of(TableFile file);
}
