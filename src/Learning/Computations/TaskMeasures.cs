using TorchSharp;

namespace MetaMap.Learning.Computations;

/// <summary>Measures of tasks side by side, read back from the device.</summary>
internal static class TaskMeasures
{
    /// <summary>For each task the share of queries whose greatest output is that of their label; 0 where there are values to predict.</summary>
    /// <param name="outputs">[tasks, queries, outputs].</param>
    /// <param name="targets">int64 labels [tasks, queries], or values.</param>
    public static float[] AccuracyFractions(torch.Tensor outputs, torch.Tensor targets) => targets.dtype == torch.int64
        ? Numbers(outputs.argmax(-1).eq(targets).to(torch.float32).mean([1])) : new float[outputs.shape[0]];

    /// <summary>The values of a float32 tensor.</summary>
    public static float[] Numbers(torch.Tensor tensor) => [.. tensor.cpu().data<float>()];
}
