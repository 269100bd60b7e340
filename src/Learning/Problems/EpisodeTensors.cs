using System.Runtime.InteropServices;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Problems;

/// <summary>The content of one episode as tensors, class by class.</summary>
/// <param name="SupportInputs">float32 or float64 [examples, …sizes of one input].</param>
/// <param name="SupportTargets">int64 labels [examples], or values [examples, target length] of the inputs' dtype.</param>
/// <param name="QueryInputs">Like the support set's.</param>
/// <param name="QueryTargets">Like the support set's.</param>
public sealed record EpisodeTensors(
    torch.Tensor SupportInputs, torch.Tensor SupportTargets, torch.Tensor QueryInputs, torch.Tensor QueryTargets)
{
    /// <summary>Copies an episode's content; the tensors live in the caller's dispose scope.</summary>
    public static EpisodeTensors Of(EpisodeExamples examples) => new(
        Inputs(examples, examples.Support), Targets(examples, examples.Support),
        Inputs(examples, examples.Query), Targets(examples, examples.Query));

    /// <summary>Episodes of one shape side by side: each tensor begins with [tasks].</summary>
    internal static EpisodeTensors Of(IReadOnlyList<EpisodeExamples> episodes)
    {
        EpisodeTensors[] each = [.. episodes.Select(Of)];
        return new(Stack(one => one.SupportInputs), Stack(one => one.SupportTargets), Stack(one => one.QueryInputs), Stack(one => one.QueryTargets));

        torch.Tensor Stack(Func<EpisodeTensors, torch.Tensor> part) => torch.stack(each.Select(part));
    }

    /// <summary>On a device; itself where it is there already.</summary>
    internal EpisodeTensors To(torch.Device device) => new(SupportInputs.to(device), SupportTargets.to(device), QueryInputs.to(device), QueryTargets.to(device));

    // Each tensor has memory of its own: libtorch aligns it alike everywhere, and the bits of some kernels depend on alignment.
    private static torch.Tensor Inputs(EpisodeExamples examples, ExampleSet set) => Floats(
        set.Inputs, [set.Inputs.Length / examples.Input.Length, .. examples.Input.Sizes.Select(size => (long)size)]);

    private static torch.Tensor Targets(EpisodeExamples examples, ExampleSet set) => examples.TargetLength == 0
        ? torch.tensor(set.Labels)
        : Floats(set.Values, [set.Values.Length / examples.TargetLength, examples.TargetLength]);

    private static torch.Tensor Floats(float[] values, long[] shape)
    {
        torch.Tensor tensor = torch.empty(shape, dtype: torch.float32);
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(tensor.bytes);
        return tensor;
    }
}
