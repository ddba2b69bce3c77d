"""Kinds of assets in AWS, by family. A line: id | title | icon, and a plural where it is not title + "s"."""

AWS = {
    "SageMaker": """
        aws.sagemaker.domain | SageMaker domain | building
        aws.sagemaker.user_profile | SageMaker user profile | user-square
        aws.sagemaker.space | SageMaker space | layout-grid
        aws.sagemaker.app | SageMaker app | app-window
        aws.sagemaker.notebook_instance | Notebook instance | notebook
        aws.sagemaker.notebook_lifecycle_config | Notebook lifecycle configuration | script
        aws.sagemaker.model | SageMaker model | brain
        aws.sagemaker.model_package_group | Model package group | packages
        aws.sagemaker.model_package | Model package | package
        aws.sagemaker.endpoint | SageMaker endpoint | api
        aws.sagemaker.endpoint_config | Endpoint configuration | adjustments
        aws.sagemaker.training_job | Training job | school
        aws.sagemaker.processing_job | Processing job | transform
        aws.sagemaker.transform_job | Batch transform job | transform
        aws.sagemaker.pipeline | SageMaker pipeline | git-branch
        aws.sagemaker.feature_group | Feature group | table
        aws.sagemaker.studio_lifecycle_config | Studio lifecycle script | script
        aws.sagemaker.image | SageMaker image | photo
        aws.sagemaker.image_version | SageMaker image version | versions
        aws.sagemaker.app_image_config | App image configuration | photo-cog
        aws.sagemaker.code_repository | Code repository | brand-git | Code repositories
        aws.sagemaker.partner_app | Partner AI app | apps
        aws.sagemaker.project | SageMaker project | folder
        aws.sagemaker.inference_component | Inference component | components
        aws.sagemaker.inference_experiment | Inference experiment | flask
        aws.sagemaker.monitoring_schedule | Monitoring schedule | calendar-time
        aws.sagemaker.data_quality_job_definition | Data quality job definition | report-analytics
        aws.sagemaker.model_quality_job_definition | Model quality job definition | report-analytics
        aws.sagemaker.model_bias_job_definition | Model bias job definition | scale
        aws.sagemaker.model_explainability_job_definition | Explainability job definition | report-search
        aws.sagemaker.tuning_job | Hyperparameter tuning job | adjustments-horizontal
        aws.sagemaker.automl_job | AutoML job | wand
        aws.sagemaker.compilation_job | Compilation job | cpu
        aws.sagemaker.optimization_job | Optimization job | rocket
        aws.sagemaker.hyperpod_cluster | HyperPod cluster | server-2
        aws.sagemaker.hyperpod_node | HyperPod node | cpu
        aws.sagemaker.workforce | Labelling workforce | users-group
        aws.sagemaker.workteam | Labelling team | users
        aws.sagemaker.labeling_job | Labelling job | tags
        aws.sagemaker.flow_definition | Human review workflow | user-check
        aws.sagemaker.trial_component | Experiment run | test-pipe
        aws.sagemaker.lineage_artifact | Recorded artifact | file
        aws.sagemaker.lineage_action | Recorded action | activity
        aws.sagemaker.lineage_context | Recorded context | box-multiple
        aws.sagemaker.lineage_association | Recorded lineage | arrows-right-left | Recorded lineage
        aws.sagemaker.mlflow_tracking_server | MLflow tracking server | chart-dots
        aws.sagemaker.mlflow_app | MLflow app | chart-dots
        aws.sagemaker.model_card | Model card | id
        aws.sagemaker.hub | Model hub | building-store
        aws.sagemaker.hub_model | Hub model | brain
        aws.sagemaker.hub_model_reference | Hub model reference | external-link
    """,
    "Bedrock": """
        aws.bedrock.foundation_model | Foundation model | brain
        aws.bedrock.custom_model | Custom model | brain
        aws.bedrock.provisioned_throughput | Provisioned throughput | gauge | Provisioned throughputs
        aws.bedrock.guardrail | Guardrail | shield-check
        aws.bedrock.logging_configuration | Invocation logging | file-text | Invocation logging
        aws.bedrock.agent | Bedrock agent | robot
        aws.bedrock.agent_version | Agent version | versions
        aws.bedrock.agent_alias | Agent alias | tag | Agent aliases
        aws.bedrock.action_group | Action group | tool
        aws.bedrock.knowledge_base | Knowledge base | books
        aws.bedrock.data_source | Knowledge base data source | database-import
        aws.bedrock.guardrail_version | Guardrail version | shield-check
        aws.bedrock.enforced_guardrail | Enforced guardrail | shield-lock
        aws.bedrock.automated_reasoning_policy | Automated reasoning policy | sum | Automated reasoning policies
        aws.bedrock.account_settings | Bedrock account settings | settings | Bedrock account settings
        aws.bedrock.imported_model | Imported model | brain
        aws.bedrock.model_import_job | Model import job | file-import
        aws.bedrock.model_copy_job | Model copy job | copy
        aws.bedrock.customization_job | Model customization job | school
        aws.bedrock.custom_model_deployment | Custom model deployment | api
        aws.bedrock.evaluation_job | Evaluation job | checklist
        aws.bedrock.batch_job | Batch inference job | stack-push
        aws.bedrock.inference_profile | Inference profile | route
        aws.bedrock.prompt_router | Prompt router | arrows-split
        aws.bedrock.marketplace_endpoint | Marketplace model endpoint | building-store
        aws.bedrock.data_automation_project | Data automation project | file-analytics
        aws.bedrock.blueprint | Data automation blueprint | template
        aws.bedrock.prompt | Managed prompt | message-2
        aws.bedrock.flow | Bedrock flow | git-branch
        aws.bedrock.flow_version | Flow version | versions
        aws.bedrock.flow_alias | Flow alias | tag | Flow aliases
    """,
    "Bedrock AgentCore": """
        aws.agentcore.runtime | Agent runtime | robot
        aws.agentcore.runtime_endpoint | Agent runtime endpoint | api
        aws.agentcore.harness | Agent harness | robot-face | Agent harnesses
        aws.agentcore.memory | Agent memory | brain | Agent memories
        aws.agentcore.gateway | Tool gateway | door
        aws.agentcore.gateway_target | Gateway target | tool
        aws.agentcore.browser | Agent browser | browser
        aws.agentcore.code_interpreter | Code interpreter | terminal-2
        aws.agentcore.policy_engine | Policy engine | scale
        aws.agentcore.policy | Agent policy | license | Agent policies
        aws.agentcore.workload_identity | Workload identity | id-badge-2 | Workload identities
        aws.agentcore.api_key_provider | API key provider | key
        aws.agentcore.oauth_provider | OAuth provider | login
        aws.agentcore.token_vault | Token vault | lock
        aws.agentcore.registry | Agent registry | clipboard-list | Agent registries
        aws.agentcore.registry_record | Agent registry record | clipboard-check
        aws.agentcore.online_evaluation | Online evaluation | activity
    """,
    "Other AI services": """
        aws.qbusiness.application | Q Business application | message-chatbot
        aws.qbusiness.index | Q Business index | list-search | Q Business indexes
        aws.qbusiness.plugin | Q Business plug-in | plug
        aws.qbusiness.data_source | Q Business data source | database-import
        aws.qbusiness.data_accessor | Q Business data accessor | user-share
        aws.qbusiness.web_experience | Q Business web page | browser
        aws.kendra.index | Kendra index | list-search | Kendra indexes
        aws.kendra.data_source | Kendra data source | database-import
        aws.lex.bot | Lex bot | message-chatbot
        aws.lex.bot_alias | Lex bot alias | tag | Lex bot aliases
        aws.comprehend.classifier | Comprehend classifier | brain
        aws.comprehend.recognizer | Comprehend entity recognizer | brain
        aws.comprehend.endpoint | Comprehend endpoint | api
        aws.comprehend.flywheel | Comprehend flywheel | refresh
        aws.comprehend.pii_job | Comprehend PII job | transform
        aws.comprehend.entities_job | Comprehend entities job | transform
        aws.comprehend.classification_job | Comprehend classification job | transform
        aws.rekognition.project | Rekognition project | photo
        aws.rekognition.project_version | Rekognition model version | brain
        aws.rekognition.collection | Face collection | mood-smile
        aws.rekognition.stream_processor | Stream processor | video
        aws.textract.adapter | Textract adapter | file-text
        aws.textract.adapter_version | Textract adapter version | versions
        aws.transcribe.job | Transcription job | microphone
        aws.transcribe.call_analytics_job | Call analytics job | phone
        aws.transcribe.language_model | Transcribe language model | brain
        aws.translate.job | Translation job | language
        aws.translate.parallel_data | Translation examples | table | Translation examples
        aws.polly.task | Speech task | volume
        aws.personalize.dataset_group | Personalize dataset group | database
        aws.personalize.dataset | Personalize dataset | table
        aws.personalize.campaign | Personalize campaign | api
        aws.forecast.dataset | Forecast dataset | table
        aws.forecast.predictor | Forecast predictor | brain
        aws.frauddetector.model | Fraud Detector model | brain
        aws.frauddetector.detector | Fraud detector | radar
        aws.frauddetector.settings | Fraud Detector settings | settings | Fraud Detector settings
        aws.healthlake.datastore | HealthLake data store | heart
    """,
    "Vector and data stores": """
        aws.opensearch.domain | OpenSearch domain | search
        aws.aoss.collection | OpenSearch collection | search
        aws.aoss.encryption_policy | Collection encryption policy | license | Collection encryption policies
        aws.aoss.network_policy | Collection network policy | license | Collection network policies
        aws.aoss.access_policy | Collection access policy | license | Collection access policies
        aws.s3vectors.bucket | Vector bucket | bucket
        aws.s3vectors.index | Vector index | vector | Vector indexes
        aws.neptune.graph | Neptune graph | chart-dots
        aws.rds.cluster | Database cluster | database
        aws.rds.instance | Database instance | server
        aws.memorydb.cluster | MemoryDB cluster | database
        aws.glue.database | Glue database | table
        aws.glue.catalog | Glue data catalogue | settings
    """,
    "Storage": """
        aws.s3.bucket | S3 bucket | bucket
        aws.s3.account | S3 account settings | settings | S3 account settings
        aws.ecr.repository | ECR repository | archive | ECR repositories
        aws.ecr.image | ECR image | box
        aws.ecrpublic.repository | Public ECR repository | archive | Public ECR repositories
    """,
    "Identity and keys": """
        aws.iam.role | IAM role | id-badge-2
        aws.iam.user | IAM user | user
        aws.iam.policy | IAM policy | license | IAM policies
        aws.kms.key | KMS key | key
        aws.secretsmanager.secret | Secret | lock
        aws.ssm.parameter | Parameter | key
        aws.cognito.identity_pool | Identity pool | users
        aws.sso.instance | Identity Center | users-group | Identity Centers
        aws.sso.permission_set | Permission set | id-badge
    """,
    "Compute": """
        aws.ec2.instance | EC2 instance | server
        aws.lambda.function | Lambda function | lambda
        aws.eks.cluster | EKS cluster | hexagons
        aws.ecs.cluster | ECS cluster | hexagons
        aws.ecs.service | ECS service | stack-2
        aws.ecs.task_definition | ECS task definition | file-code
        aws.ec2.volume | EBS volume | disc
        aws.ec2.image | Machine image | device-floppy
        aws.eks.nodegroup | EKS node group | server-2
        aws.eks.addon | EKS add-on | puzzle
        aws.eks.pod_identity | EKS pod identity | user-key | EKS pod identities
        aws.eks.access_entry | EKS access entry | door | EKS access entries
        aws.batch.job_definition | Batch job definition | file-code
        aws.codebuild.project | CodeBuild project | hammer
        aws.stepfunctions.state_machine | State machine | git-branch
    """,
    "Network": """
        aws.ec2.security_group | Security group | wall
        aws.ec2.vpc_endpoint | VPC endpoint | plug-connected
        aws.ec2.vpc | VPC | cloud
        aws.ec2.subnet | Subnet | cloud-network
        aws.ec2.route_table | Route table | route
        aws.ec2.disk_defaults | Disk encryption by default | disc | Disk encryption by default
        aws.ec2.flow_log | Flow log | file-text
        aws.apigateway.rest_api | REST API | api
        aws.apigateway.stage | API stage | player-play
        aws.wafv2.acl | Web firewall | shield
    """,
    "Monitoring": """
        aws.cloudtrail.trail | CloudTrail trail | route
        aws.cloudtrail.event_data_store | Event data store | database
        aws.logs.log_group | Log group | file-text
        aws.cloudwatch.alarm | CloudWatch alarm | bell
        aws.guardduty.detector | GuardDuty detector | radar
        aws.guardduty.finding | GuardDuty finding | alert-triangle
        aws.macie.session | Macie | eye | Macie
        aws.macie.bucket | Bucket as Macie sees it | bucket | Buckets as Macie sees them
        aws.inspector.status | Inspector | bug | Inspector
        aws.inspector.finding | Inspector finding | bug
        aws.securityhub.hub | Security Hub | shield-check | Security Hub
        aws.accessanalyzer.analyzer | Access analyzer | zoom-check
        aws.accessanalyzer.finding | External access | door | External accesses
        aws.config.recorder | Configuration recorder | history
        aws.config.rule | Configuration rule | checklist
        aws.events.rule | Event rule | bolt
        aws.logs.metric_filter | Metric filter | filter
        aws.logs.resource_policy | Log policy | license | Log policies
        aws.logs.delivery_source | Log delivery source | file-export
        aws.logs.delivery | Log delivery | file-import | Log deliveries
        aws.budgets.budget | Budget | coin
        aws.ce.anomaly_monitor | Spending monitor | trending-up
    """,
    "Account": """
        aws.account | AWS account | cloud
        aws.organizations.organization | Organization | sitemap
        aws.organizations.account | Member account | cloud
        aws.organizations.service_control_policy | Service control policy | license | Service control policies
        aws.organizations.resource_control_policy | Resource control policy | license | Resource control policies
        aws.organizations.ai_opt_out_policy | AI opt-out policy | license | AI opt-out policies
        aws.organizations.bedrock_policy | Bedrock policy | license | Bedrock policies
        aws.region | Region in use | world | Regions in use
    """,
}
