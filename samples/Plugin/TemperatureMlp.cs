using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Models;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Models;
using TorchSharp;

namespace SamplePlugin;

/// <summary>A perceptron with one hidden layer whose logits are scaled by a learned temperature: exp(t) · (W h + b).</summary>
public sealed class TemperatureMlpDefinition : IModelDefinition
{
    /// <summary>The name for <c>--model</c>.</summary>
    public const string ModelName = "temperature-mlp";

    /// <inheritdoc />
    public string Name => ModelName;

    /// <inheritdoc />
    public string Summary => "one hidden layer with ReLU, linear head with a learned temperature";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.Hidden)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new() { Hidden = "64" };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        ModelCatalog.RequireInput(spec, InputKind.Image, "use mlp");
        int hidden = HiddenWidths.Of(spec)[0];
        return
        [
            new("hidden.weight", Initializers.XavierUniform, ParameterRole.Body, hidden, spec.Input.Length),
            new("hidden.bias", Initializers.Zeros, ParameterRole.Body, hidden),
            new("head.weight", Initializers.XavierUniform, ParameterRole.Head, spec.Outputs, hidden),
            new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs),
            new("head.temperature", Initializers.Zeros, ParameterRole.Head, 1),
        ];
    }

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => HiddenWidths.Of(spec)[0];
}

/// <summary>The computation of <see cref="TemperatureMlpDefinition"/>: a pure function of parameters and inputs.</summary>
/// <param name="spec">Input, outputs and sizes.</param>
public sealed class TemperatureMlp(ModelSpec spec) : IModel
{
    /// <inheritdoc />
    public ParameterSchema Schema { get; } = ModelCatalog.Schema(spec);

    /// <inheritdoc />
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass) =>
        pass.Modulate(torch.nn.functional.linear(inputs.flatten(1), parameters[0], parameters[1])).relu();

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) =>
        torch.nn.functional.linear(features, parameters[2], parameters[3]) * parameters[4].exp();
}
