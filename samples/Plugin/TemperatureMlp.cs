using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Models;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace SamplePlugin;

/// <summary>A perceptron with one hidden layer whose logits are scaled by a learned temperature: exp(t) · (W h + b).</summary>
public sealed class TemperatureMlpDefinition : INetwork
{
    /// <inheritdoc />
    public string Name => "temperature-mlp";

    /// <inheritdoc />
    public string Summary => "one hidden layer with ReLU, linear head with a learned temperature";

    /// <inheritdoc />
    public object Options { get; } = new TemperatureMlpOptions();

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        spec.RequireInput(InputKind.Image, "use mlp");
        int units = ModulatedChannels(spec);
        return
        [
            new("hidden.weight", Initializers.XavierUniform, ParameterRole.Body, units, spec.Input.Length),
            new("hidden.bias", Initializers.Zeros, ParameterRole.Body, units),
            new("head.weight", Initializers.XavierUniform, ParameterRole.Head, spec.Outputs, units),
            new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs),
            new("head.temperature", Initializers.Zeros, ParameterRole.Head, 1),
        ];
    }

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => ((TemperatureMlpOptions)spec.Options).Units;

    /// <inheritdoc />
    public IModel Create(ModelSpec spec, Convolution convolution) => new TemperatureMlp(spec);
}

/// <summary>Options of <see cref="TemperatureMlpDefinition"/>: each property is a flag, a key of <c>config.json</c> and a line of the help.</summary>
public sealed record TemperatureMlpOptions
{
    /// <summary>Width of the hidden layer.</summary>
    [Description("Units of the hidden layer."), AtLeast(1)]
    public int Units { get; init; } = 64;
}

/// <summary>The computation of <see cref="TemperatureMlpDefinition"/>: a pure function of parameters and inputs.</summary>
/// <param name="spec">Input, outputs and options.</param>
public sealed class TemperatureMlp(ModelSpec spec) : IModel
{
    /// <inheritdoc />
    public ParameterSchema Schema { get; } = spec.Schema();

    /// <inheritdoc />
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass) =>
        pass.Modulate(torch.nn.functional.linear(inputs.flatten(1), parameters[0], parameters[1])).relu();

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) =>
        torch.nn.functional.linear(features, parameters[2], parameters[3]) * parameters[4].exp();
}
