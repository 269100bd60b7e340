using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Layered;
using MetaMap.Learning.Models;
using MetaMap.Learning.Native;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning;

/// <summary>
/// The meta-gradient of one episode: what a worker computes for it, bit for bit in float32, or the same through graphs in float64.
/// Serves to check against other frameworks, and to examine an episode that made a run diverge.
/// </summary>
/// <param name="Gradient">One tensor per meta-parameter, under its name, of the inputs' dtype.</param>
/// <param name="QueryLoss">Mean loss over the query set after adaptation; may be NaN or infinite.</param>
/// <param name="QueryAccuracyFraction">0 to 1; null for regression.</param>
public sealed record EpisodeGradient(ImmutableArray<SafetensorsTensor> Gradient, double QueryLoss, double? QueryAccuracyFraction)
{
    /// <summary>Euclidean norm of the gradient.</summary>
    public double Norm => Math.Sqrt(Gradient.Sum(tensor => tensor.Type == TensorType.F64
        ? MemoryMarshal.Cast<byte, double>(tensor.Bytes.Span).ToArray().Sum(value => value * value)
        : MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray().Sum(value => (double)value * value)));

    /// <summary>Adapts to the support set and differentiates the query loss.</summary>
    /// <param name="options">The run's options; they name algorithm and network.</param>
    /// <param name="catalog">The dataset, or one without classes for an external episode.</param>
    /// <param name="metaParameters">Theta, of the options' layout; computed with in the inputs' dtype.</param>
    /// <param name="iteration">The meta-iteration, from 1; for algorithms with a schedule.</param>
    /// <param name="content">The episode's content.</param>
    /// <param name="episode">Which classes and examples these are; null where they come from outside.</param>
    /// <param name="device">Where it is computed, null for the processor; on a GPU always through graphs.</param>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    /// <exception cref="KernelException">Convolutions are wrong on this processor.</exception>
    public static EpisodeGradient Compute(
        RunOptions options, DatasetCatalog catalog, ParameterVector metaParameters, int iteration, EpisodeFile content, Episode? episode = null, ComputeDevice? device = null)
    {
        TorchRuntime.Initialize();
        TorchRuntime.UseOneThread();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.ScalarType dtype = content.IsDouble ? torch.float64 : torch.float32;
        int outputs = catalog.IsRegression ? catalog.TargetLength : options.Supervised is null ? options.EpisodeShape.Ways : catalog.Classes.Length;
        Loss loss = catalog.IsRegression ? Loss.MeanSquaredError : Loss.MeanCrossEntropy;
        device ??= ComputeDevice.Cpu;
        EpisodeTensors tensors = Tensors(content, dtype).To(device.Torch);
        EpisodeProblem problem = new(Model(options.ModelSpec(catalog.Input, outputs), tensors), tensors, loss, episode);
        IMetaAlgorithm algorithm = options.CreateAlgorithm(catalog);
        using LayeredMaml<float>? layered = content.IsDouble || device.IsSideBySide ? null : LayeredMaml<float>.Of(options, algorithm, problem.Model, catalog.Input, metaParameters.Layout);
        if (layered is not null)
        {
            return Layered(layered, catalog, metaParameters, iteration, content);
        }

        MetaGradient result = algorithm.Differentiate(ParameterTensors.Leaves(metaParameters, dtype, device.Torch), problem, iteration);
        return new EpisodeGradient(
            [.. metaParameters.Layout.Entries.Select((entry, i) => Sum(entry, result.Gradient[i].cpu(), dtype))],
            result.QueryLoss.to(torch.float64).item<double>(),
            loss.AccuracyFraction(result.QueryOutputs, problem.Data.QueryTargets));
    }

    private static EpisodeGradient Layered(LayeredMaml<float> layered, DatasetCatalog catalog, ParameterVector metaParameters, int iteration, EpisodeFile content)
    {
        EpisodeExamples examples = new(catalog.Input, catalog.TargetLength, Set(content.SupportInputs, content.SupportTargets), Set(content.QueryInputs, content.QueryTargets));
        layered.Begin(metaParameters, iteration);
        float loss = layered.Add(examples);
        var sums = new ParameterVector(metaParameters.Layout, layered.Sums<float>());
        return new EpisodeGradient(
            [.. sums.Layout.Entries.Select((entry, i) => new SafetensorsTensor(entry.Name, TensorType.F32, [.. entry.Shape.Select(size => (long)size)], MemoryMarshal.AsBytes(sums[i]).ToArray()))],
            loss, catalog.IsRegression ? null : layered.AccuracyFraction);

        ExampleSet Set(SafetensorsTensor inputs, SafetensorsTensor targets) => new(
            MemoryMarshal.Cast<byte, float>(inputs.Bytes.Span).ToArray(),
            catalog.IsRegression ? [] : MemoryMarshal.Cast<byte, long>(targets.Bytes.Span).ToArray(),
            catalog.IsRegression ? MemoryMarshal.Cast<byte, float>(targets.Bytes.Span).ToArray() : []);
    }

    /// <summary>A dataset without classes, for external episodes.</summary>
    public static DatasetCatalog Outside(TaskShape shape) => new("episode", shape.Input, [], "") { TargetLength = shape.TargetLength };

    /// <summary>The network, with convolutions that are correct here for the episode's sizes.</summary>
    private static IModel Model(ModelSpec spec, EpisodeTensors tensors)
    {
        int[] batches = [(int)tensors.SupportInputs.shape[0], (int)tensors.QueryInputs.shape[0]];
        return spec.CreateModel(tensors.SupportInputs.dtype == torch.float64 || tensors.SupportInputs.device_type != DeviceType.CPU
            ? Convolution.Products : KernelChooser.OfThisMachine.Choose(spec, [.. batches, batches.Sum()]).Convolution);
    }

    private static EpisodeTensors Tensors(EpisodeFile content, torch.ScalarType dtype)
    {
        return new EpisodeTensors(Copy(content.SupportInputs), Copy(content.SupportTargets), Copy(content.QueryInputs), Copy(content.QueryTargets));

        torch.Tensor Copy(SafetensorsTensor tensor)
        {
            torch.ScalarType stored = tensor.Type switch
            {
                TensorType.I64 => torch.int64,
                TensorType.F64 => torch.float64,
                _ => torch.float32,
            };
            // Each tensor has its own memory, like a worker's episodes: the bits of some kernels depend on alignment.
            torch.Tensor copy = torch.empty([.. tensor.Shape], dtype: stored);
            tensor.Bytes.Span.CopyTo(copy.bytes);
            return stored == torch.int64 || stored == dtype ? copy : copy.to(dtype);
        }
    }

    private static SafetensorsTensor Sum(ParameterEntry entry, torch.Tensor gradient, torch.ScalarType dtype)
    {
        long[] shape = [.. entry.Shape.Select(size => (long)size)];
        // A worker adds its episodes to zeros, which turns -0 into 0.
        using Scalar one = 1;
        torch.Tensor sum = torch.zeros(shape, dtype: dtype).add_(gradient, one);
        return new SafetensorsTensor(entry.Name, dtype == torch.float64 ? TensorType.F64 : TensorType.F32, [.. shape], sum.bytes.ToArray());
    }
}
