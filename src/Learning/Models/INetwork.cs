using MetaMap.Core;
using MetaMap.Learning.Kernels;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Models;

/// <summary>A network: what every node must know about it, and its computation.</summary>
public interface INetwork : IModelDefinition
{
    /// <summary>The computation.</summary>
    /// <param name="spec">Input, outputs and options of this network.</param>
    /// <param name="convolution">How it must compute its convolutions.</param>
    /// <exception cref="ConfigurationException">The input does not fit the network.</exception>
    IModel Create(ModelSpec spec, Convolution convolution);
}

/// <summary>Finds the computation of a network.</summary>
public static class ModelOfSpec
{
    /// <summary>The computation of a network.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="convolution">How it computes convolutions, e.g. what <see cref="KernelChooser"/> has chosen.</param>
    /// <exception cref="ConfigurationException">The network comes from a plug-in and has no computation, or the input does not fit it.</exception>
    public static IModel CreateModel(this ModelSpec spec, Convolution convolution) => spec.Definition is INetwork network
        ? network.Create(spec, convolution)
        : throw new ConfigurationException($"Model {spec.Name} has no computation; make its definition an {nameof(INetwork)} in its plug-in.");

    /// <summary>The first way that computes the convolutions of a network and the fixed ones correctly.</summary>
    /// <param name="kernels">Makes the choice.</param>
    /// <param name="spec">The network.</param>
    /// <param name="batches">The numbers of inputs that it gets at once.</param>
    /// <exception cref="KernelException">No way does.</exception>
    public static KernelChoice Choose(this KernelChooser kernels, ModelSpec spec, params IReadOnlyList<int> batches) =>
        kernels.Choose($"{spec.Name} {spec.Options} {spec.Input} {spec.Outputs} {string.Join(' ', batches)}", () => ShapeRecorder.Of(spec, batches));
}
