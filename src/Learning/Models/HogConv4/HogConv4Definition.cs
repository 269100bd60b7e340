using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Kernels;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Models;

/// <summary>
/// Histograms of oriented gradients (Dalal and Triggs 2005) with learned weights, beside a linear embedding of them and the features of <c>conv4</c>, which both count for little at first. So
/// it begins at what the baseline of images knows, and learns which gradients tell classes apart, and what they do not show.
/// </summary>
internal sealed class HogConv4Definition : INetwork, IStartsNearBaseline
{
    // A histogram has length 7 at most, and cross-entropy would be far too certain of squared distances between such.
    private const double FirstWeight = 0.5;

    // Of the embedding of a histogram, beside the histogram itself.
    private const double FirstLength = 0.3;

    // Of the convolutional features beside them.
    private const double FirstScale = 0.3;

    /// <inheritdoc />
    public string Name => "hog-conv4";

    /// <inheritdoc />
    public string Summary => "gradient histograms with learned weights, beside an embedding of them and the features of conv4; linear head; starts at the histograms";

    /// <inheritdoc />
    public object Options { get; } = new HogConv4Options();

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        spec.RequireInput(InputKind.Image, "use mlp");
        ParameterDefinition[] convolutions = [.. Convolutions(spec).Parameters().Where(definition => definition.Role == ParameterRole.Body)];
        int length = new GradientHistogram(spec.Input.ToImageShape()).Length;
        HogConv4Options sizes = Sizes(spec);
        return
        [
            .. convolutions,
            new("convolutions.log-scale", Initializers.Constant(Math.Log(FirstScale)), ParameterRole.Body, 1),
            new("histogram.log-weight", Initializers.Constant(Math.Log(FirstWeight)), ParameterRole.Body, length),
            // A random projection keeps angles nearly (Johnson and Lindenstrauss 1984), so that it does no harm before it is learned.
            new("embedding.weight", Initializers.Normal(FirstLength / Math.Sqrt(sizes.EmbeddingSize)), ParameterRole.Body, length, sizes.EmbeddingSize),
            new("head.weight", Initializers.Normal(0.01), ParameterRole.Head, spec.Outputs, checked(length + sizes.EmbeddingSize + sizes.Filters)),
            new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs),
        ];
    }

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => Sizes(spec).Filters;

    /// <inheritdoc />
    public IModel Create(ModelSpec spec, Convolution convolution) => new HogConv4Model(spec, convolution);

    /// <inheritdoc />
    IEnumerable<string> IModelDefinition.Sizes(ModelSpec spec) => [$"{Sizes(spec).Filters} filters", $"embeddings of length {Sizes(spec).EmbeddingSize}"];

    /// <summary>The network whose features stand beside the histograms: <c>conv4</c>, or for images that are too small to be pooled four times <c>conv4-stride</c>.</summary>
    internal static ModelSpec Convolutions(ModelSpec spec) =>
        spec with { Definition = Math.Min(spec.Input.Height, spec.Input.Width) < Conv4Networks.OfPooling.SmallestSide ? Conv4Networks.OfStrides : Conv4Networks.OfPooling };

    private static HogConv4Options Sizes(ModelSpec spec) => (HogConv4Options)spec.Options;
}

/// <summary>Options of <see cref="HogConv4Definition"/>.</summary>
internal sealed record HogConv4Options : Conv4Options
{
    /// <summary>Length of the learned map of a histogram.</summary>
    [Description("Length of the learned vector of a token, a text, an image or an item."), AtLeast(1)]
    public int EmbeddingSize { get; init; } = 128;
}
