using System.Collections.Immutable;
using MetaMap.Core.Episodes;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Models;

/// <summary>The networks that can be trained: their parameter layouts and their seeded first parameters.</summary>
public static class ModelCatalog
{
    /// <summary>Four 3x3 convolutions with padding 1, batch norm, ReLU and 2x2 max-pooling; spatial mean; linear head.</summary>
    public const string Conv4 = "conv4";

    /// <summary>Four 3x3 convolutions with padding 1 and stride 2, batch norm and ReLU; spatial mean; linear head (Finn et al. 2017, Omniglot).</summary>
    public const string Conv4Stride = "conv4-stride";

    /// <summary>32 valid 3x3 filters, ReLU, adaptive average pool to 7x7, 128 hidden units with ReLU, linear head.</summary>
    public const string Cnn = "cnn";

    /// <summary>Filters of the small CNN.</summary>
    public const int CnnFilters = 32;

    /// <summary>Side of the small CNN's pooled feature map.</summary>
    public const int CnnPooledSide = 7;

    /// <summary>Hidden units of the small CNN.</summary>
    public const int CnnHidden = 128;

    /// <summary>All model names.</summary>
    public static ImmutableArray<string> Names { get; } = [Conv4Stride, Conv4, Cnn];

    /// <summary>Names and shapes of a network's parameters.</summary>
    /// <exception cref="ConfigurationException">The name is unknown, or the image too small or the sizes too large for the network.</exception>
    public static ParameterLayout Layout(ModelSpec spec)
    {
        try
        {
            return spec.Name switch
            {
                Conv4 => Conv4Layout(spec, smallestSide: 16),
                Conv4Stride => Conv4Layout(spec, smallestSide: 1),
                Cnn => CnnLayout(spec),
                _ => throw new ConfigurationException($"There is no model '{spec.Name}'; choose one of {string.Join(", ", Names)}."),
            };
        }
        catch (OverflowException error)
        {
            throw new ConfigurationException(
                $"Model {spec.Name} with {spec.Filters} filters and {spec.Ways} ways has more parameters than a vector can hold; use fewer --filters.", error);
        }
    }

    /// <summary>
    /// Seeded first parameters: Xavier-uniform convolutions and hidden layers (Glorot and Bengio 2010, eq. 16), a
    /// normal head with standard deviation 0.01, zero biases, batch-norm scale 1 (as in the code of Finn et al. 2017).
    /// </summary>
    public static ParameterVector Initialize(ModelSpec spec, long seed)
    {
        ParameterLayout layout = Layout(spec);
        float[] values = new float[layout.Length];
        for (int i = 0; i < layout.Entries.Length; i++)
        {
            ParameterEntry entry = layout.Entries[i];
            InitializeEntry(entry, DeterministicRandom.For("initial-parameters", seed, i),
                values.AsSpan(layout.Offsets[i], entry.Length));
        }

        return new ParameterVector(layout, values);
    }

    private static void InitializeEntry(ParameterEntry entry, DeterministicRandom random, Span<float> values)
    {
        if (entry.Name.EndsWith(".bias", StringComparison.Ordinal))
        {
            values.Clear();
        }
        else if (entry.Name.StartsWith("norm", StringComparison.Ordinal))
        {
            values.Fill(1);
        }
        else if (entry.Name == "head.weight")
        {
            foreach (ref float value in values)
            {
                value = (float)(0.01 * random.NextGaussian());
            }
        }
        else
        {
            int receptiveField = entry.Shape.Skip(2).Aggregate(1, (product, size) => product * size);
            double bound = Math.Sqrt(6.0 / ((entry.Shape[0] + entry.Shape[1]) * receptiveField));
            foreach (ref float value in values)
            {
                value = (float)random.NextDouble(-bound, bound);
            }
        }
    }

    private static ParameterLayout Conv4Layout(ModelSpec spec, int smallestSide)
    {
        if (Math.Min(spec.Image.Height, spec.Image.Width) < smallestSide)
        {
            throw new ConfigurationException(
                $"Model {spec.Name} halves the image four times and needs at least {smallestSide}x{smallestSide} pixels, "
                + $"but the images are {spec.Image}; use {Conv4Stride} or {Cnn}.");
        }

        var entries = ImmutableArray.CreateBuilder<ParameterEntry>();
        int channels = spec.Image.Channels;
        for (int layer = 1; layer <= 4; layer++)
        {
            entries.Add(new ParameterEntry($"conv{layer}.weight", [spec.Filters, channels, 3, 3]));
            entries.Add(new ParameterEntry($"conv{layer}.bias", [spec.Filters]));
            entries.Add(new ParameterEntry($"norm{layer}.weight", [spec.Filters]));
            entries.Add(new ParameterEntry($"norm{layer}.bias", [spec.Filters]));
            channels = spec.Filters;
        }

        entries.Add(new ParameterEntry("head.weight", [spec.Ways, spec.Filters]));
        entries.Add(new ParameterEntry("head.bias", [spec.Ways]));
        return new ParameterLayout(entries.ToImmutable());
    }

    private static ParameterLayout CnnLayout(ModelSpec spec)
    {
        if (Math.Min(spec.Image.Height, spec.Image.Width) < 3)
        {
            throw new ConfigurationException(
                $"Model {Cnn} has valid 3x3 filters and needs images of at least 3x3 pixels, but they are {spec.Image}.");
        }

        return new ParameterLayout(
        [
            new ParameterEntry("conv.weight", [CnnFilters, spec.Image.Channels, 3, 3]),
            new ParameterEntry("conv.bias", [CnnFilters]),
            new ParameterEntry("hidden.weight", [CnnHidden, CnnFilters * CnnPooledSide * CnnPooledSide]),
            new ParameterEntry("hidden.bias", [CnnHidden]),
            new ParameterEntry("head.weight", [spec.Ways, CnnHidden]),
            new ParameterEntry("head.bias", [spec.Ways]),
        ]);
    }
}
