using MetaMap.Core.Data;
using MetaMap.Core.Models;
using MetaMap.Learning.Models;
using TorchSharp;

namespace MetaMap.Learning.Tests.Models;

public sealed class BatchStatisticsTests
{
    private readonly IModel _model = ModelFactory.Create(
        new ModelSpec(ModelCatalog.Conv4Stride, new ImageShape(1, 16, 16), Ways: 3, Filters: 4));

    [Fact]
    public void Fixed_OtherQueriesChange_LogitsOfAQueryDoNot()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] parameters = RandomTensors.Leaves(_model.Layout, 1);
        torch.Tensor queries = RandomTensors.Gaussian(3, 5, 1, 16, 16);
        var support = new CollectedStatistics();
        _model.Forward(parameters, RandomTensors.Gaussian(2, 6, 1, 16, 16), support);

        torch.Tensor together = _model.Forward(parameters, queries, support.Fixed);
        torch.Tensor alone = torch.cat([.. Enumerable.Range(0, 5).Select(i => _model.Forward(parameters, queries.narrow(0, i, 1), support.Fixed))]);
        Assert.True(together.allclose(alone, 1e-12, 1e-12));

        torch.Tensor transductive = _model.Forward(parameters, queries, BatchStatistics.OfBatch);
        torch.Tensor transductiveOfTwo = _model.Forward(parameters, queries.narrow(0, 0, 2), BatchStatistics.OfBatch);
        Assert.False(transductive.narrow(0, 0, 2).allclose(transductiveOfTwo, 1e-3, 1e-3));
    }

    [Fact]
    public void Fixed_SameBatchAgain_EqualsOfBatch()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] parameters = RandomTensors.Leaves(_model.Layout, 1);
        torch.Tensor images = RandomTensors.Gaussian(2, 6, 1, 16, 16);
        var statistics = new CollectedStatistics();
        torch.Tensor collecting = _model.Forward(parameters, images, statistics);
        Assert.True(collecting.allclose(_model.Forward(parameters, images, BatchStatistics.OfBatch), 0, 0));
        Assert.True(collecting.allclose(_model.Forward(parameters, images, statistics.Fixed), 1e-11, 1e-11));
    }

    [Fact]
    public void Collect_SecondPass_IsRefused()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] parameters = RandomTensors.Leaves(_model.Layout, 1);
        torch.Tensor images = RandomTensors.Gaussian(2, 6, 1, 16, 16);
        var statistics = new CollectedStatistics();
        _model.Forward(parameters, images, statistics);
        Assert.Throws<InvalidOperationException>(() => _model.Forward(parameters, images, statistics));
    }
}
