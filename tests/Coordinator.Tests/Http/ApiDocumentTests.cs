using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using NSwag;
using NSwag.CodeGeneration.CSharp;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary>The OpenAPI document, as a client generator reads it.</summary>
public sealed class ApiDocumentTests(CoordinatorApp app) : HttpTestKit(app)
{
    [Fact]
    public async Task Document_EveryRoute_IsDescribedWithItsAnswersAndRefusals()
    {
        OpenApiDocument document = await Document();
        OpenApiOperationDescription[] described = [.. document.Operations];
        string[] routes = [.. App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null).SelectMany(route =>
            route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Where(method => method != "HEAD").Select(method =>
                $"{method} {route.RoutePattern.RawText!.TrimEnd('/')}"))];
        Assert.True(routes.Length > 15);
        Assert.Equal(routes.Order(), described.Select(operation => $"{operation.Method.ToUpperInvariant()} {operation.Path}").Order());
        Assert.All(described, operation =>
        {
            Assert.EndsWith(".", operation.Operation.Summary, StringComparison.Ordinal);
            Assert.NotEmpty(operation.Operation.OperationId);
            Assert.Contains(operation.Operation.Responses, answer => answer.Key[0] == '2');
            Assert.All(operation.Operation.Responses.Where(answer => answer.Key[0] is '4' or '5' or 'd'), refusal =>
                Assert.Contains("detail", refusal.Value.Content["application/problem+json"].Schema.ActualSchema.Properties));
            Assert.Contains("default", operation.Operation.Responses);
        });
    }

    [Fact]
    public async Task Document_ReadByAGenerator_MakesAClientWithTypes()
    {
        OpenApiDocument document = await Document();
        string code = new CSharpClientGenerator(document, new CSharpClientGeneratorSettings { ClassName = "MetaMapClient" }).GenerateFile();
        foreach (string member in new[] { "Task<RunBody> StartRunAsync(StartRunBody body)", "Task<System.Collections.Generic.ICollection<RunBody>> ListRunsAsync()", "Task<FileResponse> DownloadModelAsync(string id, int? version)", "class ProblemDetails" })
        {
            Assert.Contains(member, code, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("ErrorBody", code, StringComparison.Ordinal);
    }

    /// <summary>A member that is null is left out of JSON, so a client must not insist on it.</summary>
    [Fact]
    public async Task Document_MembersThatMayBeNull_AreNotRequired()
    {
        OpenApiDocument document = await Document();
        Assert.All(document.Components.Schemas.Values.SelectMany(schema => schema.Properties.Values), member => Assert.False(member.IsRequired && member.IsNullable(NJsonSchema.SchemaType.OpenApi3), member.Name));
        Assert.True(document.Components.Schemas["RunBody"].Properties["run_id"].IsRequired);
    }

    private async Task<OpenApiDocument> Document() => await OpenApiDocument.FromJsonAsync(await App.Http.GetStringAsync("openapi/v1.json"));
}
