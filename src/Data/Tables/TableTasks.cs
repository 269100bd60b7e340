using System.Collections.Immutable;

namespace MetaMap.Data.Tables;

/// <summary>One example of a table.</summary>
/// <param name="Input">Its input.</param>
/// <param name="Target">Its value to predict; 0 where the class is predicted.</param>
internal readonly record struct TableExample(float[] Input, float Target);

/// <summary>The examples of a table by class.</summary>
/// <param name="catalog">Its classes.</param>
/// <param name="examples">The examples of each class.</param>
internal sealed class TableTasks(DatasetCatalog catalog, ImmutableArray<TableExample[]> examples) : IRegressionDataset
{
    /// <inheritdoc />
    public DatasetCatalog Catalog => catalog;

    /// <inheritdoc />
    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(quarterTurns, 0);
        examples[classIndex][exampleIndex].Input.CopyTo(destination);
    }

    /// <inheritdoc />
    public void CopyTarget(int classIndex, int exampleIndex, Span<float> destination) =>
        destination[0] = examples[classIndex][exampleIndex].Target;
}
