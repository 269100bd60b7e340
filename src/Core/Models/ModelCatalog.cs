using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Models;

/// <summary>The networks that can be trained.</summary>
public static class ModelCatalog
{
    /// <summary>Name of the network with 2x2 max-pooling (Vinyals et al. 2016).</summary>
    public const string Conv4 = "conv4";

    /// <summary>Name of the network with strided convolutions (Finn et al. 2017, Omniglot).</summary>
    public const string Conv4Stride = "conv4-stride";

    /// <summary>Name of the small CNN.</summary>
    public const string Cnn = "cnn";

    /// <summary>Name of the fully connected network.</summary>
    public const string Mlp = "mlp";

    /// <summary>Name of the residual network of twelve layers (Oreshkin et al. 2018).</summary>
    public const string ResNet12 = "resnet12";

    /// <summary>Name of the convolutional network for texts (Kim 2014).</summary>
    public const string TextCnn = "text-cnn";

    /// <summary>Name of the network for one item's rating.</summary>
    public const string RatingsMlp = "ratings-mlp";

    /// <summary>All networks by name; plug-ins add theirs at start-up.</summary>
    public static Registry<IModelDefinition> All { get; } = new(
        "model",
        new Conv4Definition(Conv4Stride, smallestSide: 1, "four 3x3 convolutions with stride 2, batch norm, ReLU; spatial mean; linear head (Finn et al. 2017)"),
        new Conv4Definition(Conv4, smallestSide: 16, "four 3x3 convolutions with batch norm, ReLU and 2x2 max-pooling; spatial mean; linear head (Vinyals et al. 2016)"),
        new CnnDefinition(),
        new MlpDefinition(),
        new ResNet12Definition(),
        new TextCnnDefinition(),
        new RatingsMlpDefinition());

    /// <summary>The names of all networks.</summary>
    public static ImmutableArray<string> Names => All.Names;

    /// <summary>A network's parameters.</summary>
    /// <exception cref="ConfigurationException">The name is unknown, or the input or the sizes do not fit the network.</exception>
    public static ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        try
        {
            return All[spec.Name].Parameters(spec);
        }
        catch (OverflowException error)
        {
            throw TooLarge(spec, error);
        }
    }

    /// <summary>A network's parameters with their first values.</summary>
    /// <exception cref="ConfigurationException">The name is unknown, or the input or the sizes do not fit the network.</exception>
    public static ParameterSchema Schema(ModelSpec spec)
    {
        try
        {
            return new ParameterSchema(All[spec.Name].Parameters(spec));
        }
        catch (OverflowException error)
        {
            throw TooLarge(spec, error);
        }
    }

    /// <summary>Checks that a network reads the kind of input that it is given.</summary>
    /// <exception cref="ConfigurationException">It does not.</exception>
    public static void RequireInput(ModelSpec spec, InputKind kind, string advice)
    {
        if (spec.Input.Kind != kind)
        {
            throw new ConfigurationException(
                $"Model {spec.Name} reads {(kind == InputKind.Image ? "images" : kind == InputKind.Vector ? "vectors" : "tokens")}, but the inputs are {spec.Input}; {advice}.");
        }
    }

    internal static ConfigurationException TooLarge(ModelSpec spec, OverflowException error)
    {
        IModelDefinition model = All[spec.Name];
        string[] sizes =
        [
            .. Size(nameof(RunOptions.Filters), $"{spec.Filters} filters"), .. Size(nameof(RunOptions.Hidden), $"hidden layers of {spec.Hidden}"),
            .. Size(nameof(RunOptions.EmbeddingSize), $"embeddings of length {spec.EmbeddingSize}"), $"{spec.Outputs} {(spec.Outputs == 1 ? "output" : "ways")}",
        ];
        return new($"Model {spec.Name} with {string.Join(" and ", sizes)} has more parameters than a vector can hold; use smaller sizes.", error);

        string[] Size(string option, string text) => model.Reads.Contains(option) ? [text] : [];
    }
}
