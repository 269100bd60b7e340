using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace MetaMap.Coordinator.Http;

/// <summary>The OpenAPI document of all routes. Version 3.0, because some client generators do not read 3.1 yet.</summary>
internal static class ApiDocument
{
    private const string Scheme = TokenAuthentication.SchemeName;

    /// <summary>Adds the document.</summary>
    public static IServiceCollection AddApiDocument(this IServiceCollection services, CoordinatorSettings settings) => services.AddOpenApi(document =>
    {
        document.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
        document.ShouldInclude = route => !HttpMethods.IsHead(route.HttpMethod!);
        document.AddOperationTransformer(AddProblems);
        document.AddSchemaTransformer(Adjust);
        document.AddDocumentTransformer((whole, _, _) =>
        {
            whole.Info = new OpenApiInfo
            {
                Title = "MetaMap", Version = typeof(ApiDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
                Description = "Runs, models and workers of a coordinator. HEAD is answered wherever GET is. Every refusal is a problem document (RFC 9457).",
            };
            if (settings.Tokens is not null)
            {
                whole.AddComponent<IOpenApiSecurityScheme>(Scheme, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" });
                whole.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, whole)] = [] }];
            }

            return Task.CompletedTask;
        });
    });

    private static Task AddProblems(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        operation.Responses!["default"] = new OpenApiResponse
        {
            Description = "Refused, for the reason in its detail.",
            Content = new Dictionary<string, OpenApiMediaType> { [RouteConventions.ProblemType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), context.Document) } },
        };
        return Task.CompletedTask;
    }

    private static Task Adjust(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        if (context.JsonTypeInfo.Type == typeof(OptionValues) || context.JsonTypeInfo.Type == typeof(RunOptions))
        {
            schema.Type = JsonSchemaType.Object;
            schema.AdditionalPropertiesAllowed = true;
            schema.Description = "Options of a run; the keys are those of config.json in any run directory.";
        }

        // A key whose value would be null is left out.
        foreach (JsonPropertyInfo property in context.JsonTypeInfo.Properties.Where(property => property.IsGetNullable))
        {
            schema.Required?.Remove(property.Name);
        }

        return Task.CompletedTask;
    }
}
