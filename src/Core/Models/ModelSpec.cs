using MetaMap.Core.Data;

namespace MetaMap.Core.Models;

/// <summary>A network by name and size. Its parameters are known without any tensor library.</summary>
/// <param name="Name">One of <see cref="ModelCatalog"/>.</param>
/// <param name="Input">Shape of one input.</param>
/// <param name="Outputs">Outputs of the head: classes to tell apart or values to predict.</param>
/// <param name="Filters">Filters per convolution, for networks that have any.</param>
public sealed record ModelSpec(string Name, InputShape Input, int Outputs, int Filters)
{
    /// <summary>Widths of hidden layers, separated by commas, for networks that read them; otherwise empty.</summary>
    public string Hidden { get; init; } = "";

    /// <summary>Length of an embedding, for networks that have any; otherwise 0.</summary>
    public int EmbeddingSize { get; init; }
}
