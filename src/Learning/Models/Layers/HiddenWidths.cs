using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Models;

/// <summary>Widths of hidden layers as options write them, e.g. <c>40,40</c>, or <c>none</c>.</summary>
internal static class HiddenWidths
{
    /// <summary>Help text of the option.</summary>
    public const string Help = "Widths of hidden layers, separated by commas, such as 40,40, or none.";

    /// <summary>The value for no hidden layer.</summary>
    public const string None = "none";

    /// <summary>Reads the option of a network.</summary>
    /// <returns>Widths of 1 or more; none for <see cref="None"/>.</returns>
    /// <exception cref="ConfigurationException">It is not a list of widths.</exception>
    public static ImmutableArray<int> Of(ModelSpec spec)
    {
        string hidden = ((IHiddenWidths)spec.Options).Hidden;
        if (hidden == None)
        {
            return [];
        }

        var widths = ImmutableArray.CreateBuilder<int>();
        foreach (string word in hidden.Split(','))
        {
            if (!int.TryParse(word, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int width) || width < 1)
            {
                throw new ConfigurationException(
                    $"--hidden is '{hidden}', but model {spec.Name} needs the widths of its hidden layers, whole numbers of 1 or more separated by commas, such as 40,40, or {None}.");
            }

            widths.Add(width);
        }

        return widths.ToImmutable();
    }

    /// <summary>The width of the first hidden layer.</summary>
    /// <exception cref="ConfigurationException">There is no hidden layer, or the option is not a list of widths.</exception>
    internal static int First(ModelSpec spec) => Of(spec) is [int first, ..]
        ? first
        : throw new ConfigurationException($"Model {spec.Name} with --hidden {None} has no hidden layer to modulate; give it one, or use another algorithm.");

    /// <summary>
    /// The parameters of fully connected layers, <c>hidden1</c>, <c>hidden2</c>, … and <c>head</c>: Xavier-uniform weights
    /// and zero biases, including the head's, because a head near zero would slow down regression.
    /// </summary>
    /// <param name="spec">Widths and outputs.</param>
    /// <param name="inputs">Values that the first layer reads.</param>
    internal static IEnumerable<ParameterDefinition> Layers(ModelSpec spec, int inputs)
    {
        ImmutableArray<int> widths = Of(spec);
        for (int layer = 0; layer < widths.Length; layer++)
        {
            yield return new($"hidden{layer + 1}.weight", Initializers.XavierUniform, ParameterRole.Body, widths[layer], inputs);
            yield return new($"hidden{layer + 1}.bias", Initializers.Zeros, ParameterRole.Body, widths[layer]);
            inputs = widths[layer];
        }

        yield return new("head.weight", Initializers.XavierUniform, ParameterRole.Head, spec.Outputs, inputs);
        yield return new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs);
    }
}

/// <summary>Options of a network with hidden layers of any widths.</summary>
internal interface IHiddenWidths
{
    /// <summary>E.g. <c>40,40</c>, or <c>none</c>.</summary>
    string Hidden { get; }
}
