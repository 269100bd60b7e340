using MetaMap.Core.Parameters;
using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>
/// A network without weights: a pure function of an explicit list of parameters, so that the same forward pass runs
/// on meta-parameters and on fast weights. Works in float32 and float64. Immutable, safe for many threads.
/// </summary>
public interface IModel
{
    /// <summary>Names, shapes and order of the parameters that <see cref="Forward"/> takes.</summary>
    ParameterLayout Layout { get; }

    /// <summary>Logits of a batch of images.</summary>
    /// <param name="parameters">One tensor per layout entry, in layout order, all of one dtype.</param>
    /// <param name="images">[images, channels, height, width], of the parameters' dtype.</param>
    /// <param name="statistics">What batch norm normalises by; ignored by networks without batch norm.</param>
    /// <returns>[images, ways], a fresh tensor in the caller's dispose scope.</returns>
    torch.Tensor Forward(IReadOnlyList<torch.Tensor> parameters, torch.Tensor images, BatchStatistics statistics);
}
