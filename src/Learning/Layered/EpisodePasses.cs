using System.Numerics;
using System.Numerics.Tensors;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Layered;

/// <summary>Forward passes over an episode's support and query set; their memory is kept for the next episode of the same sizes.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="network">The network.</param>
/// <param name="loop">Says how many steps are kept.</param>
internal sealed class EpisodePasses<T>(LayeredNetwork<T> network, LayeredInnerLoop loop) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private LayeredPass<T>[] _supports = [];
    private LayeredPass<T>? _query;
    private long[] _queryLabels = [];

    /// <summary>Over the query set.</summary>
    public LayeredPass<T> Query => _query!;

    /// <summary>Over the support set, for an inner step; all steps share one where they are not kept.</summary>
    public LayeredPass<T> Support(int step) => _supports[Math.Min(step, _supports.Length - 1)];

    /// <summary>Makes passes for the episode's sizes, if needed, and loads it.</summary>
    public void Load(EpisodeExamples examples)
    {
        int supports = examples.Support.Inputs.Length / examples.Input.Length;
        int queries = examples.Query.Inputs.Length / examples.Input.Length;
        if (_query?.Examples != queries || _supports[0].Examples != supports)
        {
            _supports = [.. Enumerable.Range(0, loop.KeepsSteps ? Math.Max(loop.Steps, 1) : 1).Select(_ => network.NewPass(supports))];
            _query = network.NewPass(queries);
            if (loop.KeepsSteps || loop.Implicit is not null)
            {
                network.PrepareTangents(supports);
            }
        }

        OutputLoss<T> loss = Loss(examples, examples.Support);
        foreach (LayeredPass<T> support in _supports)
        {
            network.Load(examples.Support.Inputs, support);
            support.Loss = loss;
        }

        network.Load(examples.Query.Inputs, _query);
        _query.Loss = Loss(examples, examples.Query);
        _queryLabels = examples.Query.Labels;
    }

    /// <summary>Share of the queries whose largest output is that of their label; 0 where there are no labels.</summary>
    public float AccuracyFraction()
    {
        int right = 0;
        for (int example = 0; example < _queryLabels.Length; example++)
        {
            right += TensorPrimitives.IndexOfMax(Query.OutputsOf(example)) == _queryLabels[example] ? 1 : 0;
        }

        return _queryLabels.Length == 0 ? 0 : (float)right / _queryLabels.Length;
    }

    private OutputLoss<T> Loss(EpisodeExamples examples, ExampleSet set) => examples.TargetLength == 0
        ? new CrossEntropy<T>(set.Labels, network.Outputs)
        : new SquaredError<T>(set.Values, examples.TargetLength);
}
