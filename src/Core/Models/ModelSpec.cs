using MetaMap.Core.Data;

namespace MetaMap.Core.Models;

/// <summary>A network by name and size. Its layout and first parameters are known without any tensor library.</summary>
/// <param name="Name"><c>conv4</c>, <c>conv4-stride</c> or <c>cnn</c>.</param>
/// <param name="Image">Shape of the input images.</param>
/// <param name="Ways">Outputs.</param>
/// <param name="Filters">Filters per convolution of the conv4 models.</param>
public sealed record ModelSpec(string Name, ImageShape Image, int Ways, int Filters);
