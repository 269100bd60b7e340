using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Models;
using MetaMap.Learning.Native;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Adaptation;

/// <summary>Adapts a meta-model to somebody's examples. The same model, examples and steps give the same bits on like processors.</summary>
public static class ModelAdapter
{
    /// <summary>Adapts, in float32 on one thread; a supervised model by offsets of its features.</summary>
    /// <param name="model">The meta-model.</param>
    /// <param name="support">The examples, class by class, in the model's own form and units.</param>
    /// <param name="labels">What label 0, 1, … stand for, one or more, each with an example; empty for regression.</param>
    /// <param name="innerSteps">0 or more; null for those of the run. Not read by algorithms without an inner loop.</param>
    /// <param name="device">Where it is computed; null for the processor.</param>
    /// <param name="cancellation">Looked at after each inner step.</param>
    /// <exception cref="OperationCanceledException">Nobody wants it any more; no tensor is left behind.</exception>
    /// <exception cref="ConfigurationException">The algorithm cannot have so many classes, its adapted model cannot be kept, or it diverges.</exception>
    /// <exception cref="DeviceException">The GPU is out of memory, or has failed.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public static AdaptedFile Adapt(
        ModelFile model, ExampleSet support, ImmutableArray<string> labels, int? innerSteps = null, ComputeDevice? device = null, CancellationToken cancellation = default)
    {
        TorchRuntime.Initialize();
        TorchRuntime.UseOneThread();
        using DisposeScope scope = torch.NewDisposeScope();
        model = model.Options.Supervised is null ? model : AsFeatures(model);
        (RunOptions options, TaskShape shape) = (model.Options, model.Shape);
        device ??= ComputeDevice.Cpu;
        int outputs = shape.TargetLength > 0 ? shape.TargetLength : labels.Length;
        int examples = support.Inputs.Length / shape.Input.Length;
        ModelSpec spec = options.ModelSpec(shape.Input, outputs);
        IModel network = spec.CreateModel(KernelChooser.OfThisMachine.OfProducts.Choose(spec, examples).Convolution);
        EpisodeTensors data = EpisodeTensors.Of(new EpisodeExamples(shape.Input, shape.TargetLength, support, new ExampleSet([], [], []))).To(device.Torch);
        EpisodeProblem problem = new(network, data, shape.TargetLength > 0 ? Loss.MeanSquaredError : Loss.MeanCrossEntropy);
        ImmutableArray<ParameterDefinition> definitions = options.AlgorithmDefinition.Parameters(options, shape);
        IReadOnlyList<torch.Tensor> theta = ClassHead.For(
            options, definitions, ParameterTensors.Leaves(model.Parameters, torch.float32, device.Torch), problem);
        int steps = options.Find<IAdaptsInEvaluation>() is { } evaluation ? innerSteps ?? evaluation.EvalInnerSteps : 0;
        AdaptedFile? adapted = null;
        try
        {
            options.CreateAlgorithm(EpisodeGradient.Outside(shape)).Adapt(theta, problem, steps, (step, mapping) =>
            {
                cancellation.ThrowIfCancellationRequested();
                adapted = step == steps ? Fix(mapping) : null;
            });
        }
        catch (Exception error) when (DeviceException.Of(error, device, 1) is { } failure)
        {
            throw failure;
        }

        return adapted is null ? throw new ConfigurationException($"Algorithm {options.Algorithm} cannot keep what it has adapted; use one of MetaMap's own.")
            : TensorPrimitives.IsFiniteAll(adapted.Network.Values) ? adapted
            : throw new ConfigurationException($"The model diverges where it adapts to these examples: after {steps} inner steps its parameters are not finite; give fewer --inner-steps.");

        AdaptedFile? Fix(IAdaptedMapping mapping)
        {
            using IDisposable noGradient = torch.no_grad();
            return mapping.Fix() is not { } network ? null : new AdaptedFile(
                model.RunId, model.Iteration, options, shape.Input, labels, shape.TargetLength, ParameterTensors.ToVector(spec.Schema().Layout, network.Parameters),
                [.. network.Statistics.SelectMany(layer => new[] { Values(layer.Mean), Values(layer.Variance) })], network.Modulation is { } modulation ? Values(modulation) : [])
            { Data = model.Data, IsCosine = network.IsCosine, SkipWeight = network.SkipWeight is { } skip ? Values(skip) : [] };
        }
    }

    /// <summary>A supervised model as a feature map for offsets of its features, g(x) = f(x) + theta: it has no inner loop of its own.</summary>
    private static ModelFile AsFeatures(ModelFile model)
    {
        RunOptions options = RunOptionsJson.Values(model.Options).With(("algorithm", FeatureOffsetDefinition.NameInOptions)).WithoutUnread().Resolve();
        ParameterSchema schema = new(options.AlgorithmDefinition.Parameters(options, model.Shape));
        var places = model.Parameters.Layout.Entries.Index().ToDictionary(entry => entry.Item.Name, entry => entry.Index, StringComparer.Ordinal);
        float[] values = [.. schema.Layout.Entries.SelectMany(entry => model.Parameters[places[entry.Name]].ToArray())];
        return model with { Options = options, Parameters = new ParameterVector(schema.Layout, values) };
    }

    private static ImmutableArray<float> Values(torch.Tensor tensor) => [.. MemoryMarshal.Cast<byte, float>(tensor.cpu().contiguous().bytes)];
}
