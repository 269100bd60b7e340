using TorchSharp;

namespace MetaMap.Learning.Tensors;

/// <summary>
/// The dimension that tensors of several tasks side by side begin with. Tensors of a single task have none, and neither have those
/// that all tasks share: with broadcasting, most formulas read alike for one task and for several.
/// </summary>
internal static class TaskDimension
{
    /// <summary>What all tasks begin with, as a value of each: a gradient by it is of each task, one through it is the sum over tasks.</summary>
    /// <param name="shared">Of any shape.</param>
    /// <param name="tasks">How many; null for a single one, without a dimension.</param>
    public static torch.Tensor OfEachTask(this torch.Tensor shared, long? tasks) => tasks is { } count ? shared.expand([count, .. shared.shape]) : shared;

    /// <summary>Sum of all values: a scalar, or [tasks].</summary>
    public static torch.Tensor SumWithinTask(this torch.Tensor values, long? tasks) => tasks is { } count ? values.reshape(count, -1).sum([1]) : values.sum();

    /// <summary>Sum over the tasks; of a single one the value itself.</summary>
    public static torch.Tensor SumOverTasks(this torch.Tensor values, long? tasks) => tasks is null ? values : values.sum([0]);

    /// <summary>Images of tasks [tasks, images, …] as those of one batch, and back, around a computation that treats every image alike.</summary>
    /// <param name="images">[images, channels, height, width] or [tasks, images, channels, height, width].</param>
    /// <param name="compute">From four dimensions to four, of which the first stays.</param>
    public static torch.Tensor ImageByImage(this torch.Tensor images, Func<torch.Tensor, torch.Tensor> compute)
    {
        if (images.dim() == 4)
        {
            return compute(images);
        }

        torch.Tensor result = compute(images.flatten(0, 1));
        return result.reshape([images.shape[0], images.shape[1], .. result.shape[1..]]);
    }
}
