using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>Derivatives of the outer loss, accumulated in the backward pass: by the state of one inner step, and by the meta-parameters.</summary>
/// <param name="stateLength">Number of tensors of a state.</param>
/// <param name="metaParameters">All meta-parameters.</param>
internal sealed class Cotangents(int stateLength, IReadOnlyList<torch.Tensor> metaParameters)
{
    private readonly torch.Tensor?[] _meta = new torch.Tensor?[metaParameters.Count];
    private torch.Tensor?[] _state = new torch.Tensor?[stateLength];

    /// <summary>Adds derivatives by the state, then by the meta-parameters; the sums live in the dispose scope around the caller's.</summary>
    /// <param name="gradients">Null for none.</param>
    public void Add(torch.Tensor?[] gradients)
    {
        for (int i = 0; i < gradients.Length; i++)
        {
            ref torch.Tensor? sum = ref i < stateLength ? ref _state[i] : ref _meta[i - stateLength];
            if (gradients[i] is { } gradient)
            {
                torch.Tensor? before = sum;
                sum = (before is null ? gradient : before.Plus(gradient)).MoveToOuterDisposeScope();
                before?.Dispose();
            }
        }
    }

    /// <summary>Turns derivatives by the state after a step into those by the state before it.</summary>
    /// <param name="after">The state after the step, with the graph of the step.</param>
    /// <param name="before">The state before it: leaves.</param>
    public void PullBack(torch.Tensor[] after, torch.Tensor[] before)
    {
        torch.Tensor?[] cotangents = _state;
        int[] known = [.. Enumerable.Range(0, stateLength).Where(i => cotangents[i] is not null)];
        _state = new torch.Tensor?[stateLength];
        if (known.Length > 0)
        {
            Add(Gradients.OrNull([.. known.Select(i => after[i])], [.. before, .. metaParameters], [.. known.Select(i => cotangents[i]!)]));
        }

        foreach (torch.Tensor? cotangent in cotangents)
        {
            cotangent?.Dispose();
        }
    }

    /// <summary>The derivatives by all meta-parameters, once the state is the initial one.</summary>
    /// <param name="rule">The inner loop, whose adapting parameters the initial state consists of.</param>
    public IEnumerable<torch.Tensor> Total(InnerRule rule)
    {
        for (int i = 0; i < rule.Adapting.Length; i++)
        {
            if (_state[i]?.SumOverTasks(rule.Tasks) is { } through)
            {
                _meta[rule.Adapting[i]] = _meta[rule.Adapting[i]] is { } direct ? direct.Plus(through) : through;
            }
        }

        return _meta.Select((gradient, i) => gradient ?? torch.zeros_like(metaParameters[i]).detach());
    }
}
