using System.Collections.Immutable;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>Which part of an inner step stays differentiable.</summary>
internal enum InnerGraph
{
    /// <summary>Nothing: fast weights are fresh leaves after every step, so that memory does not grow with their number.</summary>
    Fresh,

    /// <summary>The steps, with the gradients of the support loss as constants.</summary>
    FirstOrder,

    /// <summary>The steps and the gradients of the support loss.</summary>
    SecondOrder,
}

/// <summary>The support loss that an inner step descends.</summary>
/// <param name="metaParameters">All meta-parameters.</param>
/// <param name="fastWeights">The current values of the adapting ones.</param>
/// <param name="innerStep">From 0.</param>
internal delegate torch.Tensor InnerLoss(
    IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerStep);

/// <summary>
/// Inner steps as pure functions of meta-parameters and a state: the fast weights of the adapting parameters, then
/// the inner optimiser's state for each. Steps make new tensors and never write to old ones. Immutable.
/// </summary>
/// <param name="adapting">Positions of the adapting meta-parameters.</param>
/// <param name="optimizer">Gives the direction of a step.</param>
/// <param name="rate">Gives the length of a step.</param>
/// <param name="clip">Longest norm of a task's gradient over all adapting parameters; null for none.</param>
/// <param name="tasks">How many tasks are side by side, each with adapting parameters of its own; null for a single one.</param>
internal sealed class InnerRule(ImmutableArray<int> adapting, InnerOptimizer optimizer, InnerRate rate, double? clip = null, long? tasks = null)
{
    /// <summary>Positions of the adapting meta-parameters.</summary>
    public ImmutableArray<int> Adapting => adapting;

    /// <summary>The state before the first step: the meta-parameters themselves, for each task, and fresh zeros.</summary>
    public torch.Tensor[] Begin(IReadOnlyList<torch.Tensor> metaParameters) =>
    [
        .. adapting.Select(position => metaParameters[position].OfEachTask(tasks)),
        .. adapting.SelectMany(position => Enumerable.Range(0, optimizer.Slots).Select(_ => torch.zeros_like(metaParameters[position].OfEachTask(tasks)).detach())),
    ];

    /// <summary>How many tasks are side by side; null for a single one.</summary>
    public long? Tasks => tasks;

    /// <summary>The fast weights of a state.</summary>
    public torch.Tensor[] FastWeights(torch.Tensor[] state) => state[..adapting.Length];

    /// <summary>Releases a state, but not the meta-parameters that it may contain.</summary>
    public void Release(torch.Tensor[] state, IReadOnlyList<torch.Tensor> metaParameters)
    {
        for (int i = 0; i < state.Length; i++)
        {
            if (i >= adapting.Length || !ReferenceEquals(state[i], metaParameters[adapting[i]]))
            {
                state[i].Dispose();
            }
        }
    }

    /// <summary>The state after one more step, in the caller's dispose scope.</summary>
    public torch.Tensor[] Next(
        IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor[] state, InnerLoss supportLoss, int innerStep, InnerGraph graph)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] fast = FastWeights(state);
        torch.Tensor loss = supportLoss(metaParameters, fast, innerStep);
        IReadOnlyList<torch.Tensor> gradient = Gradients.OrZero(loss, fast, keepGraph: graph == InnerGraph.SecondOrder);
        using IDisposable? noGradient = graph == InnerGraph.Fresh ? torch.no_grad() : null;
        gradient = GradientClip.Apply(gradient, clip, tasks);
        var next = new torch.Tensor[state.Length];
        for (int i = 0; i < fast.Length; i++)
        {
            int firstSlot = fast.Length + i * optimizer.Slots;
            (torch.Tensor direction, torch.Tensor[] slots) =
                optimizer.Direct(gradient[i], state.AsSpan(firstSlot, optimizer.Slots), innerStep);
            next[i] = rate.Move(fast[i], direction, metaParameters, i, innerStep);
            slots.CopyTo(next, firstSlot);
        }

        foreach (torch.Tensor tensor in next)
        {
            (graph == InnerGraph.Fresh ? tensor.requires_grad_() : tensor).MoveToOuterDisposeScope();
        }

        return next;
    }
}
